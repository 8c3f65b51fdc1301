"""`manage.py export_workbook --period 2565-02|2565-W09 --unit UNIT --out FILE`: the workbook of one unit, as a file."""

import secrets
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reports import rollup, workbooks
from reports.ladder import ImpossibleMoment
from reports.workbooks import Download, Frame
from schools import audit, clock
from schools.jobs import JobRefused
from schools.thaitime import BadPeriod
from schools.units import Unit, UnknownUnit, parse_unit

PURPOSE = "ส่งออกด้วยคำสั่ง manage.py export_workbook"


def _unit_with_cases(text: str) -> Unit:
    unit = parse_unit(text)
    if unit.kind == "partner":  # no case stands in a partner
        raise UnknownUnit(text)
    return unit


class Command(BaseCommand):
    help = "Write the workbook of a period and unit. The rollup is built when it is missing."

    def add_arguments(self, parser):
        parser.add_argument("--period", required=True, help="2565-W09 (week) or 2565-02 (month)")
        parser.add_argument("--unit", required=True, help="nation, department:obec, province:46, district:P4603, …")
        parser.add_argument("--out", required=True, type=Path, help="the .xlsx file to write")
        parser.add_argument("--purpose", default=PURPOSE, help="what it is for; printed in the file")

    def handle(self, *args, period, unit, out, purpose, **options):
        try:
            place = _unit_with_cases(unit)
            built = rollup.build(period)
            download = Download("ผู้ดูแลเครื่องแม่ข่าย", "", "", clock.now(), purpose, f"PN-X{secrets.token_hex(4)}")
            written = self._write(out, Frame(built, place, download))
        except (BadPeriod, UnknownUnit, ImpossibleMoment, JobRefused) as refusal:
            raise CommandError(f"{refusal.message_th}\n{refusal.message_en}") from refusal
        except OSError as error:
            raise CommandError(
                f"เขียนไฟล์ไม่ได้: {out} ({error.strerror})\nThe file cannot be written: {out} ({error.strerror})"
            ) from error
        audit.record(
            audit.EXPORT,
            person=None,
            object_kind="rollup",
            object_key=f"{built.period} r{built.revision}",
            reason=purpose,
            of_unit=str(place),
            rows=written.rows,
            serial=download.serial,
        )
        for name, value in (
            ("path", out),
            ("rows", written.rows),
            ("schools", written.schools),
            ("period", built.period),
            ("revision", built.revision),
            ("provisional", "yes" if built.is_provisional else "no"),
        ):
            self.stdout.write(f"{name} {value}")

    @staticmethod
    def _write(out: Path, frame: Frame) -> workbooks.Written:
        """Whole or not at all: a file of that name is replaced only by a finished one."""
        beside = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
        try:
            written = workbooks.write(beside, frame)
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
        return written
