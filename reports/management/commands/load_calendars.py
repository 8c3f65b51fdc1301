"""manage.py load_calendars: bring the war rooms' printed calendars and the holidays in line with data/."""

from django.core.management.base import BaseCommand

from reports.reporting_calendars import load_calendars


class Command(BaseCommand):
    help = "Load the reporting calendars and holidays of data/. Running it again changes nothing."

    def handle(self, *args, **options):
        load_calendars()
