"""manage.py load_reference: bring regions, provinces, departments, district offices and partners in line with data/."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from schools.reference import DATA, InconsistentFacts, load_reference


class Command(BaseCommand):
    help = "Load the reference facts of data/. Running it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, default=DATA, help="where the files lie (default: data/)")

    def handle(self, *args, folder, verbosity, **options):
        try:
            done = load_reference(folder)
        except InconsistentFacts as error:
            raise CommandError(f"{error.message_th}\n{error.message_en}") from error
        if not verbosity:
            return
        for table, changes in done.items():
            self.stdout.write(
                f"{table:<12} {changes.new:>6,} new {changes.changed:>6,} changed {changes.unchanged:>6,} unchanged"
            )
        if not any(changes.new or changes.changed for changes in done.values()):
            self.stdout.write("ข้อมูลอ้างอิงตรงกันอยู่แล้ว ไม่มีการเขียน · Nothing to write: all facts stand already.")
