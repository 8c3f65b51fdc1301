"""The Celery application: it only delivers; what must be done is a row (schools.jobs)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropout.settings")

app = Celery("dropout")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
