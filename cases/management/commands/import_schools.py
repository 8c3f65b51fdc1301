"""manage.py import_schools FILE: schools from an .xlsx, .xls or .csv file; all rows or none.

Stands in cases/ because the sheet reader does; what a row means is judged in schools.school_import.
"""

import json
from dataclasses import replace
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases.intake.sheet import NATIONAL, SheetRefused, check_rows, read_sheet
from schools.school_import import Outcome, import_rows
from schools.school_sheet import NoHeading, school_rows

LIMITS = replace(NATIONAL, rows=100_000)
SHOWN = 50


class Command(BaseCommand):
    help = "Import schools. While a row is refused nothing is written; the same file twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object alone")

    def handle(self, *args, file, **options):
        try:
            with read_sheet(file, LIMITS) as reading:
                notices = list(reading.info.notices)
                outcome = import_rows(school_rows(reading))
            check_rows(outcome.rows, LIMITS)
        except OSError as error:
            raise CommandError(f"เปิดไฟล์ไม่ได้: {file}\nThe file cannot be opened: {file} ({error.strerror})") from error
        except (SheetRefused, NoHeading) as error:
            raise CommandError(f"{error.code}: {error.message_th}\n{error.code}: {error.message_en}") from error
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_dict(), ensure_ascii=False))
        else:
            self._print(outcome, notices)
        if not outcome.committed:
            # with --json the object alone is the answer
            raise CommandError(
                "ยังไม่ได้บันทึกข้อมูลใด ๆ แก้แถวที่ไม่รับแล้วนำเข้าใหม่\nNothing was written. Mend the refused rows and import again."
            )

    def _print(self, outcome: Outcome, notices: list[dict]) -> None:
        for notice in notices:
            self.stdout.write(f"{notice['message_th']} · {notice['message_en']}")
        for title, remarks in (("ไม่รับ · refused", outcome.refusals), ("คำเตือน · warning", outcome.warnings)):
            for remark in remarks[:SHOWN]:
                self.stdout.write(f"{title}: แถว {remark.row}, {remark.column}: {remark.message_th}")
                self.stdout.write(f"    Row {remark.row}, {remark.column}: {remark.message_en}")
            if len(remarks) > SHOWN:
                self.stdout.write(f"{title}: + {len(remarks) - SHOWN:,}")
        self.stdout.write(
            f"{outcome.rows:,} rows: {outcome.new:,} new, {outcome.changed:,} changed, "
            f"{outcome.unchanged:,} unchanged, {outcome.refused:,} refused"
        )
