"""What the clock sets going in reports, and the work it queues. Tasks carry a period, never figures."""

from datetime import datetime

from celery import shared_task
from django.db import transaction

from reports import exports, rollup
from reports.ladder import ImpossibleMoment
from schools import clock, jobs
from schools.thaitime import MONTHLY, WEEKLY, BadPeriod, Period


@jobs.runs("build_rollup")
def build_rollup(run: jobs.Run) -> dict:
    """Params: `period`, optional `as_of` and `known_at` (ISO with time zone). A second run writes nothing."""
    asked = {key: datetime.fromisoformat(run.params[key]) for key in ("as_of", "known_at") if run.params.get(key)}
    try:
        with transaction.atomic():
            built = rollup.build(run.params["period"], job=run.job, fence=run.fence, **asked)
            result = {"rollup": built.pk, "period": built.period, "revision": built.revision, "leaves": built.leaves}
            run.done(result)
    except (BadPeriod, ImpossibleMoment) as refusal:
        raise jobs.JobRefused(refusal.message_th, refusal.message_en) from refusal
    return result


def _enqueue_last(kind: str) -> None:
    period = Period.containing(clock.now(), kind).previous()
    jobs.enqueue("build_rollup", by=None, params={"period": str(period)})


@shared_task(name="reports.build_weekly_rollup")
def build_weekly_rollup() -> None:
    """Queue the week that has just ended."""
    _enqueue_last(WEEKLY)


@shared_task(name="reports.build_monthly_rollup")
def build_monthly_rollup() -> None:
    """Queue the month that has just ended."""
    _enqueue_last(MONTHLY)


@shared_task(name="reports.delete_expired_exports")
def delete_expired_exports() -> None:
    """Files taken out end after a day."""
    exports.delete_expired()
