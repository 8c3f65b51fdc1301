"""Jobs as rows: delivered on commit, leased to one worker, taken up again, ended once and in words people can read."""

import logging
import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from kombu.exceptions import ChannelError
from kombu.exceptions import OperationalError as BrokerError

from schools import clock, jobs, tasks
from schools.models import Job
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
THAI = re.compile("[ก-๛]")


class Died(BaseException):
    """Stands for a worker that is gone: nothing after it is executed that a dead process would not execute."""


@pytest.fixture
def delivered(monkeypatch):
    """What the broker was given: the arguments of every delivery."""
    given = []
    monkeypatch.setattr(tasks.run_job, "delay", lambda *args, **kwargs: given.append((args, kwargs)))
    return given


@pytest.fixture
def kind(monkeypatch):
    """kind(function) makes it the runner of jobs of kind `probe`."""

    def kind(function):
        monkeypatch.setitem(jobs._RUNNERS, "probe", function)
        return function

    kind(lambda run: {"answer": 42})
    return kind


@pytest.fixture
def queued(kind):
    def queued(**about):
        return jobs.enqueue("probe", **({"by": None} | about))

    return queued


def seen(job):
    return Job.objects.get(pk=job.pk)


def let_lease_lapse(job):
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))


def assert_says_why(job):
    assert THAI.search(job.error_th)
    assert job.error_en and not THAI.search(job.error_en)


# ── queueing ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_job_is_delivered_by_its_number_alone_and_only_when_the_transaction_commits(
    queued, delivered, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            job = queued(params={"unit": "province:46"})
        assert delivered == []
    assert delivered == [((job.pk,), {})]


def test_a_job_of_a_transaction_that_failed_is_neither_kept_nor_delivered(
    queued, delivered, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        queued()
        raise ZeroDivisionError
    assert delivered == [] and not Job.objects.exists()


def test_a_kind_nobody_can_do_is_not_queued():
    with pytest.raises(LookupError, match="nonsense"):
        jobs.enqueue("nonsense", by=None)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "error", [BrokerError("refused"), ChannelError("no such folder"), OSError(28, "No space left on device")]
)
def test_a_broker_that_is_away_costs_the_request_nothing_and_the_sweeper_delivers_later(
    queued, delivered, monkeypatch, django_capture_on_commit_callbacks, error
):
    def away(job_id):
        raise error

    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(execute=True):
        patch.setattr(tasks.run_job, "delay", away)
        job = queued()
    assert seen(job).state == "queued"
    with clock.simulated(clock.now() + jobs.PATIENCE + timedelta(seconds=1)):
        tasks.sweep_jobs()
    assert delivered == [((job.pk,), {})]


# ── the lease ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_queued_job_is_had_by_one_worker_alone(queued):
    job = queued()
    taken = jobs.take(job.pk)
    assert (taken.state, taken.attempts, taken.lease_token) == ("running", 1, 1)
    assert taken.lease_until - taken.started_at == jobs.lease()
    assert jobs.take(job.pk) is None


def test_a_job_whose_lease_lapsed_is_had_again_three_times_in_all(queued):
    job = queued()
    for number in (1, 2, 3):
        assert jobs.take(job.pk).lease_token == number
        assert jobs.take(job.pk) is None
        let_lease_lapse(job)
    assert jobs.take(job.pk) is None
    assert seen(job).attempts == 3


def test_the_lease_is_as_long_as_the_settings_say(queued, settings):
    settings.JOB_LEASE_SECONDS = 7
    taken = jobs.take(queued().pk)
    assert taken.lease_until - taken.started_at == timedelta(seconds=7)


def test_progress_renews_the_lease_at_most_once_a_second(queued):
    start = clock.now()
    with clock.simulated(start):
        run = jobs.Run(jobs.take(queued().pk))
    with clock.simulated(start + timedelta(seconds=0.5)):
        run._said = start
        run.progress(5, 100)
    assert seen(run.job).done == 0
    with clock.simulated(start + timedelta(seconds=2)):
        run.progress(10, 100)
    told = seen(run.job)
    assert (told.done, told.total) == (10, 100)
    assert told.lease_until == start + timedelta(seconds=2) + jobs.lease()


def test_who_lost_the_lease_can_say_and_write_nothing_more(queued):
    job = queued()
    zombie = jobs.Run(jobs.take(job.pk))
    let_lease_lapse(job)
    second = jobs.Run(jobs.take(job.pk))
    for act in (lambda: zombie.progress(1, at_once=True), lambda: zombie.done({"by": "zombie"})):
        with pytest.raises(jobs.LeaseLost):
            act()
    with pytest.raises(jobs.LeaseLost), transaction.atomic():
        zombie.fence()
    assert jobs._finish(zombie.job, Job.State.FAILED, error_en="zombie") is False
    second.done({"by": "second"})
    assert (seen(job).state, seen(job).result, seen(job).error_en) == ("done", {"by": "second"}, "")


def test_a_zombie_that_wakes_leaves_the_answer_of_the_second_worker(queued, kind):
    def slow(run):
        if run.job.attempts == 1:
            let_lease_lapse(run.job)
            jobs.run(run.job.pk)  # the second worker, from beginning to end
            return {"by": 1}
        return {"by": 2}

    kind(slow)
    job = queued()
    jobs.run(job.pk)
    assert (seen(job).state, seen(job).result, seen(job).attempts) == ("done", {"by": 2}, 2)


def test_the_effect_and_the_end_of_the_job_are_one(queued, kind):
    """Its worker dies after the transaction of its effect: the job is done all the same, and is not done again."""
    times = []

    def effect_then_death(run):
        times.append(run.job.attempts)
        with transaction.atomic():
            run.done({"effect": 1})
        raise Died

    kind(effect_then_death)
    job = queued()
    with pytest.raises(Died):
        jobs.run(job.pk)
    assert (seen(job).state, seen(job).result) == ("done", {"effect": 1})
    jobs.run(job.pk)
    assert times == [1]


# ── how it ends ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_job_done_is_done_wholly_and_not_again(queued, kind):
    kind(lambda run: run.progress(3, 10, at_once=True) or {"rows": 10})
    job = queued()
    for _ in range(3):
        jobs.run(job.pk)
    told = seen(job)
    assert (told.state, told.done, told.total, told.result, told.attempts) == ("done", 10, 10, {"rows": 10}, 1)
    assert told.finished_at and told.lease_until is None


def test_a_refusal_is_told_in_its_own_words_and_not_tried_again(queued, kind):
    def refused(run):
        raise jobs.JobRefused("ไม่มีไฟล์", "No file.")

    kind(refused)
    job = queued()
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert (seen(job).state, seen(job).error_th, seen(job).error_en) == ("failed", "ไม่มีไฟล์", "No file.")
    assert seen(job).attempts == 1


def test_an_error_in_the_system_is_told_with_the_number_of_the_job_and_nothing_else(queued, kind, caplog):
    def broken(run):
        raise ValueError("สมชาย ใจดี")

    kind(broken)
    job = queued()
    jobs.run(job.pk)
    told = seen(job)
    assert told.state == "failed" and str(job.pk) in told.error_th and str(job.pk) in told.error_en
    assert_says_why(told)
    assert "สมชาย" not in told.error_th + told.error_en
    assert "ValueError" in caplog.text


def test_a_poison_that_kills_its_worker_ends_after_three_deaths_with_words(queued, kind, delivered):
    deaths = []

    def poison(run):
        deaths.append(run.job.attempts)
        raise Died

    kind(poison)
    job = queued()
    for _ in range(5):
        try:
            jobs.run(job.pk)
        except Died:
            assert seen(job).state == "running"
            let_lease_lapse(job)
        jobs.sweep()
    assert deaths == [1, 2, 3]
    assert len(delivered) == 2  # after the third death there is nothing left to deliver
    assert seen(job).state == "failed"
    assert_says_why(seen(job))


def test_what_the_database_could_not_do_just_now_is_tried_again(queued, kind, delivered):
    def deadlocked(run):
        if run.job.attempts < 3:
            raise OperationalError("deadlock detected")
        return {"at": run.job.attempts}

    kind(deadlocked)
    job = queued()
    jobs.run(job.pk)
    assert (seen(job).state, seen(job).lease_until) == ("queued", None)
    with clock.simulated(clock.now() + timedelta(minutes=1)):
        assert jobs.sweep() == 1
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert (seen(job).state, seen(job).result) == ("done", {"at": 3})


def test_what_the_database_never_can_do_fails_at_the_third_time(queued, kind):
    def locked(run):
        raise OperationalError("database is locked")

    kind(locked)
    job = queued()
    for expected in ("queued", "queued", "failed"):
        jobs.run(job.pk)
        assert seen(job).state == expected
    assert_says_why(seen(job))


@pytest.mark.parametrize("error", [IntegrityError, DatabaseError, OperationalError])
def test_the_log_does_not_repeat_what_the_database_quotes(queued, kind, caplog, error):
    message = 'duplicate key\nDETAIL:  Failing row contains (1, "ด.ช.", "สมชาย", "ใจดี")'

    def duplicate(run):
        raise error(message)

    kind(duplicate)
    with caplog.at_level(logging.INFO):
        jobs.run(queued().pk)
    assert "สมชาย" not in caplog.text
    assert error.__name__ in caplog.text and "in duplicate" in caplog.text  # what and where it was


# ── cancelling ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_queued_job_that_was_cancelled_is_never_begun(queued, kind):
    begun = []
    kind(begun.append)
    job = queued()
    assert jobs.cancel(job)
    jobs.run(job.pk)
    assert begun == [] and seen(job).state == "cancelled"


def test_a_running_job_that_is_cancelled_stops_at_its_next_word(queued, kind):
    further = []

    def worked(run):
        jobs.cancel(run.job)
        run.progress(1, at_once=True)
        further.append(run)

    kind(worked)
    job = queued()
    jobs.run(job.pk)
    assert further == [] and (seen(job).state, seen(job).result, seen(job).error_en) == ("cancelled", {}, "")


def test_what_has_ended_cannot_be_cancelled(queued):
    job = queued()
    jobs.run(job.pk)
    assert jobs.cancel(job) is False
    assert seen(job).state == "done"


# ── the sweeper ───────────────────────────────────────────────────────────────────────────────────────────────
def test_the_sweeper_delivers_what_waits_long_or_lost_its_worker_and_nothing_else(queued, delivered):
    fresh, waiting, lost, working, ended = (queued() for _ in range(5))
    Job.objects.filter(pk=waiting.pk).update(created_at=clock.now() - timedelta(minutes=1))
    for job in (lost, working):
        jobs.take(job.pk)
    let_lease_lapse(lost)
    jobs.run(ended.pk)
    assert jobs.sweep() == 2
    assert delivered == [((waiting.pk,), {}), ((lost.pk,), {})]
    assert seen(fresh).state == "queued"


def test_while_the_broker_is_away_the_sweeper_tries_once_not_once_a_job(queued, monkeypatch):
    tried = []

    def away(job_id):
        tried.append(job_id)
        raise BrokerError

    monkeypatch.setattr(tasks.run_job, "delay", away)
    made = [queued() for _ in range(4)]
    Job.objects.update(created_at=clock.now() - timedelta(minutes=1))
    assert jobs.sweep() == 0
    assert tried == [made[0].pk]


# ── who asked ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("end", ["posting", "account", "unposted"])
def test_nothing_is_begun_for_who_has_no_posting_or_no_account_any_more(cast, queued, kind, end):
    begun = []
    kind(begun.append)
    who = cast.charlie if end == "unposted" else cast.district
    job = queued(by=who, posting=who.postings.first())
    if end == "posting":
        who.postings.update(until=bangkok_today() - timedelta(days=1))
    elif end == "account":
        type(who).objects.filter(pk=who.pk).update(is_active=False)
    assert jobs.take(job.pk) is None
    assert begun == [] and seen(job).state == "failed"
    assert "สิทธิ์" in seen(job).error_th
    assert_says_why(seen(job))


def test_a_job_of_somebody_posted_and_one_of_the_clock_are_begun(cast, queued):
    for job in (queued(by=cast.district, posting=cast.district.postings.get()), queued()):
        jobs.run(job.pk)
        assert seen(job).state == "done"
