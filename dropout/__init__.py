"""Wiring: settings, URLs, Celery, the demo world. No domain code."""

from dropout.celery import app as celery_app

__all__ = ["celery_app"]
