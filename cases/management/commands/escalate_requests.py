"""`manage.py escalate_requests`: what went unanswered for seven days is put to the level above. Beat does it daily."""

from django.core.management.base import BaseCommand

from cases import requests


class Command(BaseCommand):
    help = "Put requests that went unanswered for seven days to the level above."

    def handle(self, *args, **options):
        self.stdout.write(f"escalated {requests.escalate_unanswered()}")
