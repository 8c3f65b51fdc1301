"""manage.py import_children FILE --as USERNAME: a list of children, tried first and committed only when asked."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases.intake.commit import NotLanded
from cases.intake.importing import MayNotImport, Request, check, commit
from cases.intake.refusal import SheetRefused
from cases.intake.report import Report
from cases.intake.vocabulary import read_category
from schools.people import PersonRefused, find_person
from schools.thaitime import BadDate, parse_thai_date


class Command(BaseCommand):
    help = "Try a list of children (a dry run), or with --commit take it in: all rows or none."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="whose scope and name the import has")
        parser.add_argument("--list", dest="name", default="", help="default: the unit's own list")
        parser.add_argument("--list-date", help="default: as printed above the table, else today")
        parser.add_argument("--category", help="for rows that say none: missed, dropout, not_listed, at_risk")
        parser.add_argument("--commit", action="store_true")
        parser.add_argument("--accept-good-rows", action="store_true", help="land the good rows, leave the refused")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object, alone")

    def handle(self, *args, **options):
        if options["accept_good_rows"] and not options["commit"]:
            raise CommandError("--accept-good-rows ใช้คู่กับ --commit\n--accept-good-rows goes with --commit.")
        request = self._request(options)
        report, landed = self._run(request, options)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._print(report, options["commit"], landed)
        if options["commit"] and not landed:
            raise SystemExit(1)

    def _request(self, options: dict) -> Request:
        path = options["file"]
        if not path.is_file():
            raise CommandError(f"ไม่พบไฟล์ {path}\nNo file {path}.")
        try:
            person = find_person(options["username"])
            list_date = parse_thai_date(options["list_date"]).date if options["list_date"] else None
        except (PersonRefused, BadDate) as error:
            raise CommandError(f"{error.message_th}\n{error.message_en}") from error
        category = read_category(options["category"]) if options["category"] else None
        if options["category"] and category is None:
            raise CommandError("--category: missed, dropout, not_listed, at_risk")
        return Request(person, path, path.name, options["name"], list_date, category)

    def _run(self, request: Request, options: dict) -> tuple[Report, bool]:
        """(the report, whether everything that should land did)."""
        try:
            if not options["commit"]:
                return check(request), False
            return commit(request, accept_good_rows=options["accept_good_rows"]), True
        except MayNotImport as error:
            raise CommandError(f"{error.message_th}\n{error.message_en}") from error
        except NotLanded as refused:
            return refused.report, False
        except SheetRefused as refused:
            report = Report()
            report.refuse_file(refused)
            return report, False

    def _print(self, report: Report, committing: bool, landed: bool) -> None:
        result = report.as_json()
        self.stdout.write("  ".join(f"{name} {result[name]:,}" for name in list(result)[:6]))
        for kind in ("refusals", "warnings"):
            for one in result[kind]:
                where = f"แถว {one['row']}" if one["row"] else "ไฟล์"
                mark = "✗" if kind == "refusals" else "!"
                self.stdout.write(f"  {mark} {where} {one['column'] or ''} [{one['code']}] {one['message']}")
        if landed:
            self.stdout.write("บันทึกแล้ว · committed")
        elif committing:
            self.stdout.write("ไม่มีการบันทึก แก้แถวที่ถูกปฏิเสธ หรือใช้ --accept-good-rows · nothing was saved")
        else:
            self.stdout.write("ตรวจเท่านั้น ยังไม่บันทึก เพิ่ม --commit เพื่อบันทึก · dry run; add --commit")
