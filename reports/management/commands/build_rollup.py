"""`manage.py build_rollup --period 2565-W09|2565-02 [--as-of ISO] [--known-at ISO|now]`: build it, say what it is."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reports import rollup
from reports.ladder import ImpossibleMoment, figures
from schools import clock
from schools.jobs import JobRefused
from schools.thaitime import BANGKOK, BadPeriod
from schools.units import NATION


def _moment(text: str | None, option: str) -> datetime | None:
    """An ISO moment, in Bangkok where it names no zone; `now` is the present one."""
    if text is None:
        return None
    if text == "now":
        return clock.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"{option} {text}: เขียนเช่น 2022-02-28T13:30+07:00 / Write it like 2022-02-28T13:30+07:00."
        ) from error
    return timezone.make_aware(moment, BANGKOK) if timezone.is_naive(moment) else moment


class Command(BaseCommand):
    help = "Build the weekly or monthly rollup of a period. Building the same again writes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--period", required=True, help="2565-W09 (week) or 2565-02 (month)")
        parser.add_argument("--as-of", help="a moment inside the period instead of its cut-off (ISO)")
        parser.add_argument("--known-at", help="as known then: ISO or now; makes a further revision")

    def handle(self, *args, **options):
        as_of, known_at = _moment(options["as_of"], "--as-of"), _moment(options["known_at"], "--known-at")
        try:
            built = rollup.build(options["period"], as_of=as_of, known_at=known_at)
        except (BadPeriod, ImpossibleMoment, JobRefused) as refusal:
            raise CommandError(f"{refusal.message_th}\n{refusal.message_en}") from refusal
        for name, value in (
            ("period", built.period),
            ("revision", built.revision),
            ("provisional", "yes" if built.is_provisional else "no"),
            ("as_of", built.as_of.astimezone(BANGKOK).isoformat()),
            ("known_at", built.known_at.astimezone(BANGKOK).isoformat()),
            ("leaves", built.leaves),
            *figures(rollup.counts_for(built, NATION))["figures"].items(),
        ):
            self.stdout.write(f"{name} {value}")
