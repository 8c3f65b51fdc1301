"""manage.py find_duplicates: note the pairs of cases that may be of one child, as every night."""

from django.core.management.base import BaseCommand

from cases.duplicates import find_duplicates


class Command(BaseCommand):
    help = "Note the pairs of cases that may be of one child. Again and again harmless."

    def handle(self, *args, **options):
        self.stdout.write(f"พบคู่ใหม่ {find_duplicates()} คู่\n")
