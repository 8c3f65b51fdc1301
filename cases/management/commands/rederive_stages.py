"""`manage.py rederive_stages [--fix]`: every case from its facts again; says each difference, exit code 1 if any."""

from django.core.management.base import BaseCommand

from cases import rederiving
from cases.models import Case


class Command(BaseCommand):
    help = "Compute every case from its facts and report what stands otherwise. --fix puts it right."

    def add_arguments(self, parser):
        parser.add_argument("--fix", action="store_true", help="write what the facts say, as known from now on")

    def handle(self, *args, **options):
        count, waiting = 0, []
        for difference in rederiving.differences():
            count += 1
            self.stdout.write(_told(difference))
            waiting.append(difference.case)
            if options["fix"] and len(waiting) >= rederiving.BATCH:
                rederiving.mend(waiting)
                waiting = []
        if options["fix"] and waiting:
            rederiving.mend(waiting)
        self.stdout.write(f"cases {Case.objects.count()}")
        self.stdout.write(f"differences {count}")
        if count and not options["fix"]:
            raise SystemExit(1)


def _told(difference: rederiving.Difference) -> str:
    fields = [f"{name}: {was} -> {derived}" for name, (was, derived) in difference.fields.items()]
    spans = [f"spans: {difference.spans}"] if difference.spans else []
    return f"{difference.case.number} {'; '.join(fields + spans)}"
