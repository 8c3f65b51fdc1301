"""The Celery application: it only delivers; what must be done is a row (schools.jobs)."""

import os

from celery import Celery

from dropout import file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dropout.settings")

file_broker.install()
app = Celery("dropout")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
