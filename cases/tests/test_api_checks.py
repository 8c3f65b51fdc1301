"""List checking by programs: progress of the lists, their lines, answers singly and in bulk, the signature."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Case, EntryChange, EntryCheck, ListVersion
from cases.tests.test_check_pages import line, version  # noqa: F401 - a fixture
from dropout.tests.access_world import _picture
from schools.models import AuditEvent
from schools.tests.asking import asking, everything

pytestmark = pytest.mark.usefixtures("version")


def answers(person, **said):
    url = reverse("api:list_check", args=[ListVersion.objects.get(number=2).pk])
    return asking(person).post(url, said, content_type="application/json")


def test_the_lists_of_my_units_and_how_far_they_are(cast):
    answers(cast.teacher, cases=[line("มะลิ").case.number], answer="correct")
    (one,) = asking(cast.teacher).get(reverse("api:list_checks")).json()
    assert (one["list"], one["number"], one["lines"], one["answered"]) == ("บัญชีสมมุติ", 2, 3, 1)
    assert (one["by_answer"], one["state"]) == ({"correct": 1}, "")
    (one,) = asking(cast.province).get(reverse("api:list_checks")).json()
    assert (one["lines"], one["answered"]) == (4, 1)
    assert asking(cast.south_director).get(reverse("api:list_checks")).json() == []
    assert asking(cast.ministry).get(reverse("api:list_checks")).status_code == 403


def test_many_lines_take_one_answer_and_those_that_cannot_are_named(cast):
    elsewhere, gone = line("มะเขือ").case.number, line("มะกรูด").case.number
    numbers = [line("มะลิ").case.number, line("มะนาว").case.number, gone, elsewhere]
    said = {"answer": "in_education", "evidence": "ตรวจกับ DMC แล้ว", "outcome": "enrolled_same_affiliation"}
    told = answers(cast.teacher, cases=numbers, **said).json()
    assert told["done"] == 2
    assert {one["case"] for one in told["skipped"]} == {gone, elsewhere}
    assert EntryCheck.objects.count() == 2
    assert Case.objects.get(number=numbers[0]).outcome == 2


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"answer": "not_ours"}, 409),  # without evidence
        ({"answer": "duplicate"}, 400),
        ({"answer": "in_education", "evidence": "ตรวจแล้ว", "outcome": "deceased"}, 400),
        ({"answer": "in_education", "evidence": "ตรวจแล้ว"}, 409),
        ({"answer": "correct", "cases": []}, 400),
        ({"answer": "correct", "extra": 1}, 400),
    ],
)
def test_what_cannot_be_taken_is_refused_in_both_languages(cast, said, status):
    told = answers(cast.teacher, **{"cases": [line("มะลิ").case.number]} | said)
    assert told.status_code == status
    assert not EntryCheck.objects.exists()


# ── the lines ─────────────────────────────────────────────────────────────────────────────────────────────────
def address(name="list_check", *more) -> str:
    return reverse(f"api:{name}", args=[ListVersion.objects.get(number=2).pk, *more])


def lines(person, **asked):
    return everything(asking(person), address(), page_size=1, **asked)


def test_the_lines_to_check_are_read_by_name_page_by_page_and_filtered(cast):
    assert [one["name"] for one in lines(cast.teacher)] == ["ด.ช.มะนาว ทดสอบ", "ด.ช.มะลิ ทดสอบ"]
    answers(cast.teacher, cases=[line("มะลิ").case.number], answer="correct")
    (done,) = lines(cast.teacher, answer="correct")
    assert (done["case"], done["answer"], done["checked_by"]) == (line("มะลิ").case.number, "correct", "school:46990001")
    assert (done["unit"], done["category"], done["last_grade"]) == ("school:46990001", "dropout", "ป.6")
    assert [one["answer"] for one in lines(cast.teacher, answer="none")] == [None]
    assert [(one["name"], one["group"]) for one in lines(cast.teacher, group="gone")] == [("ด.ช.มะกรูด ทดสอบ", "gone")]
    assert len(lines(cast.district)) == 3
    assert [one["unit"] for one in lines(cast.district, unit="school:46990002")] == ["school:46990002"]


@pytest.mark.parametrize(
    "asked",
    [
        {"group": "all"},
        {"answer": "perhaps"},
        {"unit": "nowhere"},
        {"q": "มะลิ"},
        {"cursor": "WyJ4IiwxLDJd"},  # ["x", 1, 2]
        {"cursor": "WyJcdTAwMDAiLDFd"},  # ["\\0", 1]
        {"cursor": "WzEsMV0"},  # [1, 1]
    ],
)
def test_a_filter_that_is_none_of_ours_is_refused(cast, asked):
    assert asking(cast.teacher).get(address(), asked).status_code == 400


def test_who_watches_reads_no_lines_and_strangers_find_no_list(cast):
    assert asking(cast.province).get(address()).status_code == 403
    for who in (cast.south_director, cast.ministry, cast.charlie):
        assert asking(who).get(address()).status_code == 404


def test_what_a_version_changed_is_told_with_before_and_after(cast):
    latest = ListVersion.objects.get(number=2)
    said = {"before": {"ชั้นล่าสุด": "ป.5"}, "after": {"ชั้นล่าสุด": "ป.6"}}
    EntryChange.objects.create(version=latest, entry=line("มะลิ"), kind="changed", **said)
    assert lines(cast.teacher)[1]["changed"] == {"ชั้นล่าสุด": ["ป.5", "ป.6"]}


# ── one line ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_one_line_is_answered_with_a_picture_that_those_who_check_it_may_see(cast):
    picture = SimpleUploadedFile("a.jpg", _picture(1).getvalue(), "image/jpeg")
    said = {"answer": "in_education", "evidence": "ตรวจกับ DMC แล้ว", "outcome": "enrolled_other_affiliation"}
    client, pk = asking(cast.teacher), line("มะลิ").pk
    told = client.post(address("list_check_line", pk), said | {"pictures": [picture]}, format="multipart")
    assert told.status_code == 200, told.content
    assert (told.json()["id"], told.json()["answer"]) == (pk, "in_education")
    file = client.get(told.json()["picture"])
    assert (file.status_code, file.headers["Content-Type"]) == (200, "image/jpeg")
    assert file.getvalue()[:2] == b"\xff\xd8"
    assert AuditEvent.objects.filter(action="photo_viewed", object_kind="list_version").count() == 1
    assert asking(cast.sister_teacher).get(told.json()["picture"]).status_code == 404
    assert asking(cast.province).get(told.json()["picture"]).status_code == 403


def test_a_line_that_cannot_take_the_answer_is_409_with_the_reason_and_one_of_others_404(cast):
    gone = asking(cast.teacher).post(address("list_check_line", line("มะกรูด").pk), {"answer": "correct"})
    assert gone.status_code == 409
    assert "ใช้กับบรรทัดนี้ไม่ได้" in gone.json()["detail_th"]
    assert (
        asking(cast.teacher).post(address("list_check_line", line("มะเขือ").pk), {"answer": "correct"}).status_code
        == 404
    )
    assert (
        asking(cast.province).post(address("list_check_line", line("มะลิ").pk), {"answer": "correct"}).status_code == 403
    )
    known = asking(cast.teacher).post(address("list_check_line", line("มะลิ").pk), {"answer": "duplicate"})
    assert (known.status_code, list(known.json()["errors"])) == (400, ["answer"])
    assert "not_ours" in known.json()["errors"]["answer"][0]


def test_what_is_no_picture_is_refused_at_its_field_and_nothing_is_answered(cast):
    file = SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")
    said = {"answer": "not_ours", "evidence": "ไม่ใช่เขตเรา", "pictures": [file]}
    told = asking(cast.teacher).post(address("list_check_line", line("มะลิ").pk), said, format="multipart")
    assert (told.status_code, list(told.json()["errors"])) == (400, ["pictures"])
    many = said | {"cases": [line("มะลิ").case.number], "pictures": [SimpleUploadedFile("a.jpg", b"x", "image/jpeg")]}
    assert asking(cast.teacher).post(address(), many, format="multipart").status_code == 400
    assert not EntryCheck.objects.exists()


def test_many_lines_share_one_picture(cast):
    numbers = [line("มะลิ").case.number, line("มะนาว").case.number]
    picture = SimpleUploadedFile("a.jpg", _picture(1).getvalue(), "image/jpeg")
    said = {"cases": numbers, "answer": "correct", "pictures": [picture]}
    assert asking(cast.teacher).post(address(), said, format="multipart").json()["done"] == 2
    assert len({check.picture_id for check in EntryCheck.objects.all()}) == 1


def test_a_child_is_put_right_and_the_line_answered_with_it(cast):
    client, pk = asking(cast.teacher), line("มะลิ").pk
    seen = line("มะลิ").case.version
    told = client.post(address("list_check_amend", pk), {"last_grade": "ม.1", "version": seen})
    assert (told.status_code, told.json()["answer"], told.json()["last_grade"]) == (200, "amended", "ม.1")
    second = client.post(address("list_check_amend", pk), {"last_grade": "ม.2", "version": seen})
    assert (second.status_code, second.json()["seen"]) == (409, {"version": seen})
    assert client.post(address("list_check_amend", pk), {"last_grade": "ม.1"}).status_code == 400  # nothing changed
    assert client.post(address("list_check_amend", pk), {"stage": "new"}).status_code == 400


def test_a_line_is_called_the_duplicate_of_another_case_in_scope(cast):
    client, pk = asking(cast.teacher), line("มะลิ").pk
    said = {"number": line("มะนาว").case.number, "evidence": "เด็กคนเดียวกัน"}
    told = client.post(address("list_check_duplicate", pk), said)
    assert (told.status_code, told.json()["answer"]) == (200, "duplicate")
    assert said["number"] in told.json()["evidence"]
    elsewhere = client.post(address("list_check_duplicate", pk), said | {"number": line("มะเขือ").case.number})
    assert (elsewhere.status_code, list(elsewhere.json()["errors"])) == (409, ["number"])
    assert client.post(address("list_check_duplicate", pk), {"number": said["number"]}).status_code == 400


# ── signature ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_school_signs_when_every_line_is_answered_and_its_district_gives_it_back(cast):
    unit = {"unit": "school:46990001"}
    early = asking(cast.director).post(address("list_check_sign"), unit)
    assert early.status_code == 409
    assert "3" in early.json()["detail_en"]
    answers(cast.teacher, cases=[line("มะลิ").case.number, line("มะนาว").case.number], answer="correct")
    answers(cast.teacher, cases=[line("มะกรูด").case.number], answer="kept", evidence="ยังติดตามอยู่")
    assert asking(cast.teacher).post(address("list_check_sign"), unit).status_code == 403
    signed = asking(cast.director).post(address("list_check_sign"), unit)
    assert (signed.status_code, signed.json()["state"], signed.json()["answered"]) == (200, "signed", 3)
    under = asking(cast.teacher).post(address("list_check_line", line("มะลิ").pk), {"answer": "correct"})
    assert under.status_code == 409
    back = address("list_check_return")
    assert asking(cast.director).post(back, unit | {"note": "ตรวจอีกครั้ง"}).status_code == 403
    assert list(asking(cast.district).post(back, unit | {"note": "x"}).json()["errors"]) == ["note"]
    returned = asking(cast.district).post(back, unit | {"note": "ตรวจอีกครั้ง"})
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")
    assert asking(cast.district).post(back, unit | {"note": "ตรวจอีกครั้ง"}).status_code == 409
