"""manage.py disable_partner CODE: an agency sees nothing from the next request on; --enable undoes it."""

from django.core.management.base import BaseCommand, CommandError

from schools.models import Partner


class Command(BaseCommand):
    help = "Disable a partner agency (--enable: enable it again). Its live referrals show it nothing meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("code", help="as in data/partners.csv: eef; team-46 for a province's team")
        parser.add_argument("--enable", action="store_true")

    def handle(self, *args, code, enable, **options):
        if not Partner.objects.filter(code=code).update(is_active=enable):
            raise CommandError(f"ไม่พบหน่วยงาน {code}\nNo partner {code}")
