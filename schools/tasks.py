"""What Celery delivers: ids only, one call into a subject module each."""

from celery import shared_task

from schools import jobs, people_upload


@shared_task(name="schools.run_job")
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task(name="schools.sweep_jobs")
def sweep_jobs() -> None:
    jobs.sweep()


@shared_task(name="schools.forget_expired_sheets")
def forget_expired_sheets() -> None:
    people_upload.forget_expired()
