"""What Celery delivers to cases: one call into a subject module each."""

from celery import shared_task

from cases import duplicates, referrals, requests
from cases.intake import background


@shared_task(name="cases.forget_expired_files")
def forget_expired_files() -> None:
    background.forget_expired()


@shared_task(name="cases.find_duplicates")
def find_duplicates() -> None:
    duplicates.find_duplicates()


@shared_task(name="cases.expire_referrals")
def expire_referrals() -> None:
    referrals.expire_referrals()


@shared_task(name="cases.escalate_requests")
def escalate_requests() -> None:
    requests.end_pointless_merges()
    requests.escalate_unanswered()
