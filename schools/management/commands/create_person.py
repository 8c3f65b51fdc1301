"""manage.py create_person USERNAME --role ROLE --unit UNIT: a person with a posting, or a further posting."""

from django.core.management.base import BaseCommand, CommandError

from schools.people import PersonRefused, create_person


class Command(BaseCommand):
    help = (
        "Create a person with a posting; a known username gets a further posting. The same one twice changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--role", required=True, help="teacher, director, district, province, department, …")
        parser.add_argument("--unit", required=True, help="like district:P4603, school:46990001, nation")
        parser.add_argument("--password", help="without it a strong one is made, printed once, to be changed at log-in")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--grant", action="append", default=[], help="a capability beyond the role: see_names")

    def handle(self, *args, username, role, unit, password, first_name, last_name, grant, **options):
        if password == "":
            raise CommandError("--password ว่างเปล่า\n--password is empty.")
        try:
            done = create_person(
                username,
                role=role,
                unit=unit,
                password=password,
                first_name=first_name,
                last_name=last_name,
                grants=tuple(grant),
            )
        except PersonRefused as error:
            raise CommandError(f"{error.message_th}\n{error.message_en}") from error
        if done.is_new_person:
            self.stdout.write(f"created {done.person.username}: {done.posting.role} {done.posting.unit}")
        elif done.is_new_posting:
            self.stdout.write(f"further posting of {done.person.username}: {done.posting.role} {done.posting.unit}")
        else:
            self.stdout.write(f"{done.person.username} holds {done.posting.role} {done.posting.unit} already")
        if done.password:
            self.stdout.write(f"password (shown once, to be changed at the first log-in): {done.password}")
