"""Lists brought in by programs: checked first, then landed, by those who may and nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Case, ListVersion
from cases.tests.sheetmaker import SOUTH, child, xlsx
from schools import jobs
from schools.models import Job
from schools.tests.asking import asking, everything

IMPORTS = "/api/v1/imports/"


@pytest.fixture
def upload(tmp_path):
    """upload(client, rows, …) → the answer to posting a workbook of these rows."""

    def send(client, rows, **said):
        path = xlsx(tmp_path / "list.xlsx", rows)
        file = SimpleUploadedFile("บัญชี ก.พ.xlsx", path.read_bytes(), "application/octet-stream")
        return client.post(IMPORTS, {"file": file} | said, format="multipart")

    return send


def checked(client, answer) -> dict:
    """The job of an upload after its worker has done it."""
    assert answer.status_code == 202, answer.content
    jobs.run(answer.json()["id"])
    return client.get(f"{IMPORTS}{answer.json()['id']}/").json()


@pytest.mark.django_db(transaction=True)  # progress is told on a connection of its own
def test_a_list_is_checked_without_writing_and_landed_on_demand(reference_world, cast, upload):
    client = asking(cast.district)
    dry = checked(client, upload(client, [child(1), child(2)], list="บัญชีทดลอง", list_date="2022-02-28"))
    assert (dry["state"], dry["error"]) == ("done", None)
    assert dry["result"]["counts"].items() >= {"rows": 2, "new": 2, "refused": 0}.items()
    assert Case.objects.count() == 0
    landing = client.post(f"{IMPORTS}{dry['id']}/commit/", {})
    assert landing.status_code == 202
    jobs.run(landing.json()["id"])
    done = client.get(f"/api/v1/jobs/{landing.json()['id']}/").json()
    assert (done["state"], done["result"]["counts"]["new"]) == ("done", 2)
    assert Case.objects.count() == 2
    assert str(ListVersion.objects.get().as_of) == "2022-02-28"
    again = client.post(f"{IMPORTS}{dry['id']}/commit/", {})
    assert (again.status_code, again.json()["code"]) == (409, "not_committable")
    assert again.json()["detail_th"]
    assert "imported already" in again.json()["detail_en"]


@pytest.mark.django_db(transaction=True)  # progress is told on a connection of its own
def test_refused_rows_stop_a_commit_unless_the_good_ones_alone_are_asked_for(reference_world, cast, upload):
    client = asking(cast.district)
    rows = [child(1), child(2, วันเกิด="31/02/2555")]
    dry = checked(client, upload(client, rows))
    assert dry["result"]["counts"]["refused"] == 1
    strict = client.post(f"{IMPORTS}{dry['id']}/commit/", {}).json()
    jobs.run(strict["id"])
    failed = client.get(f"{IMPORTS}{strict['id']}/").json()
    assert failed["state"] == "failed"
    assert failed["error"]["th"]
    assert failed["error"]["en"]
    assert Case.objects.count() == 0
    lenient = client.post(f"{IMPORTS}{dry['id']}/commit/", {"accept_good_rows": True}).json()
    jobs.run(lenient["id"])
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)  # progress is told on a connection of its own
def test_the_category_of_the_upload_is_that_of_rows_that_say_none(reference_world, cast, upload):
    client = asking(cast.district)
    row = child(1)
    del row["ประเภท"]
    dry = checked(client, upload(client, [row], category="missed"))
    landing = client.post(f"{IMPORTS}{dry['id']}/commit/", {}).json()
    jobs.run(landing["id"])
    assert [case["category"] for case in everything(client, "/api/v1/cases/")] == ["missed"]


@pytest.mark.parametrize("who", ["teacher", "partner", "auditor", "admin", "charlie"])
def test_who_imports_no_lists_is_told_so_in_two_languages(cast, upload, who):
    answer = upload(asking(getattr(cast, who)), [child(1)])
    assert answer.status_code == 403
    assert answer.json()["detail_th"] != answer.json()["detail_en"]
    assert not Job.objects.exists()


@pytest.mark.parametrize("who", ["director", "south_district", "ministry", "charlie"])
def test_a_check_is_its_persons_own(cast, upload, who):
    client, other = asking(cast.district), asking(getattr(cast, who))
    dry = checked(client, upload(client, [child(1)]))
    assert other.get(f"{IMPORTS}{dry['id']}/").status_code == 404
    assert other.post(f"{IMPORTS}{dry['id']}/commit/", {}).status_code == 404


def test_a_child_of_a_foreign_school_is_refused_and_nothing_lands(cast, upload):
    client = asking(cast.district)
    dry = checked(client, upload(client, [child(1, รหัสสถานศึกษา=SOUTH)]))
    assert dry["result"]["counts"].items() >= {"rows": 1, "new": 0, "refused": 1}.items()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"category": "all"}, "category"),
        ({"list_date": "28/02/2565"}, "list_date"),
        ({"owner": "nation"}, "owner"),
        ({"file": ""}, "file"),
    ],
)
def test_what_an_upload_cannot_say_is_refused_by_field(cast, upload, said, field):
    answer = upload(asking(cast.district), [child(1)], **said)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})
    assert not Job.objects.exists()


def test_an_upload_is_multipart_only(cast):
    assert asking(cast.district).post(IMPORTS, {"list": "x"}).status_code == 415


def test_another_kind_of_job_is_no_import(cast):
    job = Job.objects.create(kind="export_line_list", by=cast.district)
    client = asking(cast.district)
    assert client.get(f"{IMPORTS}{job.pk}/").status_code == 404
    assert client.post(f"{IMPORTS}{job.pk}/commit/", {}).status_code == 404


def test_a_check_not_finished_yet_cannot_be_committed(cast, upload):
    client = asking(cast.district)
    number = upload(client, [child(1)]).json()["id"]
    assert client.post(f"{IMPORTS}{number}/commit/", {}).status_code == 409
