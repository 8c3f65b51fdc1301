"""A process of its own for test_real_worker: an office on the embedded default that brings in the list it is given.

It sets up SQLite under DATA_DIR, says `ready`, queues the check and then the commit, and tells what came of them.
"""

import sys
from pathlib import Path

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402 - after setup
from django.core.management import call_command  # noqa: E402

from cases.intake import background  # noqa: E402
from cases.models import Case, Child, ListVersion  # noqa: E402
from dropout.tests.workers import ENDED, wait_until  # noqa: E402
from schools.models import District, Job, School  # noqa: E402
from schools.people import create_person  # noqa: E402


def ended(job: Job) -> Job:
    return wait_until(lambda: Job.objects.filter(pk=job.pk, state__in=ENDED).first())


def main(path: Path) -> None:
    for command in ("migrate", "createcachetable", "load_reference"):
        call_command(command, verbosity=0)
    place = {"province_id": 46, "amphoe_id": 4605, "tambon_id": 460501}
    district = District.objects.get(code="P4603")
    School.objects.create(
        code="46990001", name_th="โรงเรียนสมมุติ", search="สมมุติ", sort_key="", district=district, **place
    )
    officer = create_person("officer", role="district", unit="district:P4603", password="แมวสามตัวข้ามถนน 17").person
    print("ready", flush=True)  # noqa: T201 - the test reads it
    checked = ended(background.start_check(officer, SimpleUploadedFile(path.name, path.read_bytes())))
    landed = ended(background.start_commit(checked, officer, accept_good_rows=False))
    counts = f"children {Child.objects.count()} cases {Case.objects.count()} versions {ListVersion.objects.count()}"
    print(counts, "attempts", checked.attempts, landed.attempts, *filter(None, [landed.error_en]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
