"""The product's settings with every clock task due each second, for a real beat under test."""

from dropout.settings import *  # noqa: F403

CELERY_BEAT_SCHEDULE = {name: entry | {"schedule": 1.0} for name, entry in CELERY_BEAT_SCHEDULE.items()}  # noqa: F405
