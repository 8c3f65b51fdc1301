"""manage.py create_token USERNAME: prints a new API token, alone, once."""

from django.core.management.base import BaseCommand, CommandError

from schools.people import PersonRefused, find_person
from schools.tokens import create_token


class Command(BaseCommand):
    help = "Print a new API token of the person, alone; it is shown only once and ends after REST_KNOX's TOKEN_TTL."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *args, username, **options):
        try:
            token = create_token(find_person(username))
        except PersonRefused as error:
            raise CommandError(f"{error.message_th}\n{error.message_en}") from error
        self.stdout.write(token)
