"""What Celery delivers: ids only, one call into a subject module each."""

from celery import shared_task

from schools import jobs


@shared_task(name="schools.run_job")
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task(name="schools.sweep_jobs")
def sweep_jobs() -> None:
    jobs.sweep()
