"""The pages of list checking, without a script: what is shown to whom, one form for many, preview, signature."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases import checking, checklists
from cases.check_forms import AnswerForm
from cases.codes import CheckAnswer, FactKind, Outcome
from cases.confidential import Told
from cases.models import Case, CheckSignature, ChildList, EntryChange, EntryCheck, Fact, ListEntry, ListVersion, Request
from cases.timeline import events, facts_of
from dropout.tests.access_world import _picture
from schools import clock
from schools.thaitext import search_key
from schools.thaitime import bangkok_today
from schools.units import parse_unit


@pytest.fixture
def version(cast, make_case):
    """Version 2 of a list: own school มะลิ, มะนาว and (gone) มะกรูด; sister school มะเขือ."""
    made = ChildList.objects.create(name="บัญชีสมมุติ", owner="district:P4603", created_at=clock.now())
    about = {"list": made, "as_of": bangkok_today(), "source_name": "a.xlsx", "sha256": "0", "by": cast.district}
    versions = [
        ListVersion.objects.create(number=n, unit="district:P4603", committed_at=clock.now(), **about) for n in (1, 2)
    ]
    own, sister = cast.own_school, cast.sister_school
    rows = [("มะลิ", own, None), ("มะนาว", own, None), ("มะกรูด", own, 2), ("มะเขือ", sister, None)]
    for row, (name, school, left) in enumerate(rows, start=2):
        case = make_case(school, name=f"{name} ทดสอบ", last_grade="ป.6")
        ListEntry.objects.create(
            list=made, child=case.child, case=case, joined=1, left=left, row=row, match_key=str(row), digest="0"
        )
    return versions[1]


def line(name: str) -> ListEntry:
    return ListEntry.objects.select_related("case__child").get(child__first_name=name)


def url(version, route="version", *more) -> str:
    return reverse(f"cases:check_{route}", args=[version.pk, *more])


def shown(answer) -> list[str]:
    return [row["name"] for row in answer.context["rows"]]


@pytest.fixture
def by(client):
    def logged_in(person):
        client.force_login(person)
        return client

    return logged_in


def test_a_school_sees_its_own_lines_and_how_far_it_is_and_nobody_elses(cast, version, by):
    page = by(cast.teacher).get(reverse("cases:check_list"))
    (one,) = page.context["lists"]
    assert (one["progress"].lines, one["progress"].answered) == (3, 0)
    page = by(cast.teacher).get(url(version))
    assert shown(page) == ["ด.ช.มะนาว ทดสอบ", "ด.ช.มะลิ ทดสอบ"]
    assert "มะเขือ" not in page.content.decode()
    assert shown(by(cast.teacher).get(url(version) + "?group=gone")) == ["ด.ช.มะกรูด ทดสอบ"]


def test_who_checks_no_lists_and_who_has_no_line_on_it_find_nothing(cast, version, by):
    for person in (cast.ministry, cast.auditor, cast.charlie, cast.partner):
        assert by(person).get(reverse("cases:check_list")).status_code == 404
        assert by(person).get(url(version)).status_code == 404
    assert by(cast.south_director).get(url(version)).status_code == 404
    assert by(cast.south_director).get(reverse("cases:check_list")).context["lists"] == []


def test_an_older_version_leads_to_the_latest_and_a_foreign_filter_is_refused(cast, version, by):
    older = ListVersion.objects.get(number=1)
    assert by(cast.teacher).get(url(older)).headers["Location"] == url(version)
    assert by(cast.teacher).get(url(version) + "?answer=perhaps").status_code == 400
    assert by(cast.teacher).get(url(version) + "?unit=nowhere").status_code == 400


def test_changed_cells_are_marked_with_before_and_after(cast, version, by):
    EntryChange.objects.create(
        version=version,
        entry=line("มะลิ"),
        kind="changed",
        before={"ชั้นล่าสุด": "ป.5", "ชื่อสถานศึกษา": cast.sister_school.pk},
        after={"ชั้นล่าสุด": "ป.6", "ชื่อสถานศึกษา": cast.own_school.pk},
    )
    page = by(cast.teacher).get(url(version)).content.decode()
    assert "<del>ป.5</del> <ins>ป.6</ins>" in page
    assert f"<del>{cast.sister_school}</del> <ins>{cast.own_school}</ins>" in page


@pytest.mark.parametrize(
    ("answer", "asked"),
    [("in_education", "เรียนที่ใด"), ("not_ours", "เป็นของหน่วยงานใด"), ("kept", "ยังต้องติดตาม"), ("removed", "เอกสารใด")],
)
def test_each_answer_asks_for_its_own_evidence(answer, asked):
    assert asked in AnswerForm(initial={"answer": answer})["evidence"].help_text


def test_correct_is_taken_at_once_and_other_answers_ask_for_the_evidence_first(cast, version, by):
    client = by(cast.teacher)
    sent = {"line": [line("มะลิ").pk], "answer": "correct"}
    done = client.post(url(version, "lines") + "?group=present", sent)
    assert done.headers["Location"] == f"{url(version)}?group=present#line-{line('มะลิ').pk}"
    assert EntryCheck.objects.get().answer == CheckAnswer.CORRECT

    sent = {"line": [line("มะลิ").pk, line("มะนาว").pk], "answer": "in_education"}
    asked = client.post(url(version, "lines"), sent)
    assert asked.status_code == 200
    assert "มะนาว" in asked.content.decode()
    assert EntryCheck.objects.count() == 1
    short = client.post(url(version, "lines"), sent | {"confirmed": "2", "evidence": "ไม่"})
    assert short.status_code == 400
    assert set(short.context["form"].errors) == {"evidence", "outcome"}
    sent |= {"confirmed": "2", "evidence": "ตรวจกับ DMC แล้ว", "outcome": str(int(Outcome.ENROLLED_OTHER_AFFILIATION))}
    picture = SimpleUploadedFile("a.jpg", _picture(1).getvalue())
    assert client.post(url(version, "lines"), sent | {"pictures": picture}).status_code == 302
    checks = EntryCheck.objects.filter(answer=CheckAnswer.IN_EDUCATION)
    assert checks.count() == 2
    assert len({check.picture_id for check in checks}) == 1
    (picture,) = {check.picture_id for check in checks}
    assert url(version, "picture", picture) in client.get(url(version) + "?answer=in_education").content.decode()
    assert by(cast.sister_teacher).get(url(version, "picture", picture)).status_code == 404


def test_a_program_of_the_page_is_answered_in_a_few_words(cast, version, by):
    sent = {"line": line("มะลิ").pk, "answer": "correct"}
    told = by(cast.teacher).post(url(version, "lines"), sent, headers={"accept": "application/json"})
    assert told.json() == {"done": 1, "label": "ถูกต้อง", "message": ""}
    sent = {"line": line("มะกรูด").pk, "answer": "correct"}
    told = by(cast.teacher).post(url(version, "lines"), sent, headers={"accept": "application/json"})
    assert told.status_code == 409
    assert "ใช้กับบรรทัดนี้ไม่ได้" in told.json()["message"]


def test_all_on_the_filter_are_answered_after_their_number_was_seen(cast, version, by):
    client = by(cast.district)
    path = url(version, "lines") + "?unit=school:46990001"
    asked = client.post(path, {"all": "1", "answer": "correct"})
    assert len(asked.context["entries"]) == 2
    moved = client.post(path, {"all": "1", "answer": "correct", "confirmed": "7"})
    assert moved.context["moved_on"]
    assert EntryCheck.objects.count() == 0
    client.post(path, {"all": "1", "answer": "correct", "confirmed": "2"})
    assert {check.entry.child.first_name for check in EntryCheck.objects.all()} == {"มะลิ", "มะนาว"}


def test_thousands_at_once_are_done_and_more_than_may_be_are_refused(cast, version, by, monkeypatch):
    monkeypatch.setattr(checking, "_BATCH", 1)
    pks = [line(name).pk for name in ("มะลิ", "มะนาว", "มะเขือ")]
    assert checking.answer_lines(version, pks, person=cast.district, answer="correct").done == 3
    monkeypatch.setattr(checking, "MOST_ASKED", 2)
    with pytest.raises(checklists.CheckRefused, match="At most 2"):
        checking.answer_lines(version, pks, person=cast.district, answer="not_ours", evidence="ไม่ใช่เขตเรา")


def test_asked_already_counts_as_answered_and_is_asked_no_second_time(cast, version, by):
    for _ in range(2):
        checking.answer_lines(version, [line("มะลิ").pk], person=cast.teacher, answer="not_ours", evidence="ย้ายไปเขตอื่น")
    assert Request.objects.count() == 1
    assert EntryCheck.objects.get().answer == CheckAnswer.NOT_OURS


def test_amending_a_line_changes_the_child_its_keys_and_answers_the_line(cast, version, by):
    client = by(cast.teacher)
    entry = line("มะลิ")
    form = client.get(url(version, "amend", entry.pk)).context["form"]
    sent = {field.name: field.value() or "" for field in form if field.name != "reason"}
    sent |= {"first_name": "มะลิวัลย์", "birth_date": "1/2/2556", "tambon": "บัวขาว", "amphoe": "กุฉินารายณ์"}
    done = client.post(url(version, "amend", entry.pk) + "?group=present", sent)
    assert done.headers["Location"] == f"{url(version)}?group=present#line-{entry.pk}"
    child = Case.objects.get(pk=entry.case_id).child
    assert (child.first_name, child.tambon_id, child.province_id) == ("มะลิวัลย์", 460501, 46)
    assert child.search.startswith(search_key("มะลิวัลย์"))
    fact = Fact.objects.get(kind=FactKind.CHILD_CHANGED)
    assert fact.details["ชื่อ"] == ["มะลิ", "มะลิวัลย์"]
    assert fact.details["วันเกิด"] == [None, "2013-02-01"]
    assert fact.details["ตำบล"] == ["", "บัวขาว"]
    assert EntryCheck.objects.get().answer == CheckAnswer.AMENDED


def test_amending_says_what_is_wrong_and_keeps_what_was_typed(cast, version, by):
    client = by(cast.teacher)
    path = url(version, "amend", line("มะลิ").pk)
    current = {"version": str(line("มะลิ").case.version)}
    for wrong, field in (
        ({"first_name": " "}, "first_name"),
        ({"birth_date": "31/02/2556"}, "birth_date"),
        ({"birth_date": "1/1/2500"}, "birth_date"),
        ({"tambon": "ไม่มีที่นี่"}, "tambon"),
        ({}, "__all__"),
    ):
        answer = client.post(path, current | wrong)
        assert answer.status_code == 400
        assert list(answer.context["form"].errors) == [field]
    stale = client.post(path, {"version": "0", "first_name": "มะลิวัลย์"})
    assert stale.status_code == 409
    assert "มะลิวัลย์" in stale.content.decode()
    assert not EntryCheck.objects.exists()
    assert line("มะลิ").child.first_name == "มะลิ"


def test_the_data_of_a_child_are_amended_from_the_file_too(cast, version, by):
    entry = line("มะลิ")
    path = reverse("cases:act", args=[entry.case.number, "amend_child"])
    done = by(cast.teacher).post(path, {"guardian_name": "ยายสมมุติ", "version": entry.case.version})
    assert done.status_code == 302
    child = line("มะลิ").child
    assert (child.guardian_name, child.first_name, child.last_grade) == ("ยายสมมุติ", "มะลิ", "ป.6")


def test_a_duplicate_is_picked_among_those_of_the_same_name_or_typed(cast, version, by, make_case):
    other = make_case(cast.own_school, name="มะลิ ทดสอบ")
    far = make_case(cast.south_school, name="มะลิ ทดสอบ")
    client = by(cast.teacher)
    path = url(version, "duplicate", line("มะลิ").pk)
    page = client.get(path).content.decode()
    assert other.number in page
    assert far.number not in page
    assert client.post(path, {"evidence": "คนเดียวกัน"}).status_code == 400
    assert client.post(path, {"evidence": "คนเดียวกัน", "number": far.number}).status_code == 400
    assert client.post(path, {"evidence": "คนเดียวกัน", "picked": other.number}).status_code == 302
    check = EntryCheck.objects.get()
    assert check.answer == CheckAnswer.DUPLICATE
    assert check.evidence == f"{other.number}: คนเดียวกัน"


def test_the_timeline_tells_what_was_said_of_the_line_and_what_was_changed(cast, version, by):
    entry = line("มะกรูด")
    checking.answer_lines(version, [entry.pk], person=cast.teacher, answer="kept", evidence="ยังอยู่ที่เดิม")
    by(cast.teacher).post(
        reverse("cases:act", args=[entry.case.number, "amend_child"]), {"guardian_phone": "0810000001"}
    )
    told = events(entry.case, facts_of(entry.case), Told(names=True, sensitive=True, address=True))
    assert [one["title"] for one in told][:2] == [
        "แก้ไขข้อมูลเด็ก",
        "ตรวจสอบบัญชี บัญชีสมมุติ: คงไว้ แม้ไม่อยู่ในบัญชีล่าสุด",
    ]
    assert "โทรศัพท์: – → 0810000001" in told[0]["text"]
    hidden = events(entry.case, facts_of(entry.case), Told(names=False, sensitive=False, address=False))
    assert hidden[0]["text"] == "โทรศัพท์"


def test_a_kept_child_is_flagged_as_confirmed(cast, version, by):
    entry = line("มะกรูด")
    path = reverse("cases:case_detail", args=[entry.case.number])
    assert "ยืนยันคงไว้แล้ว" not in by(cast.teacher).get(path).content.decode()
    checking.answer_lines(version, [entry.pk], person=cast.teacher, answer="kept", evidence="ยังอยู่ที่เดิม")
    assert "ยืนยันคงไว้แล้ว" in by(cast.teacher).get(path).content.decode()


def test_home_says_how_many_wait_to_be_checked(cast, version, by):
    assert by(cast.teacher).get("/").context["to_check"] == 3
    checking.answer_lines(version, [line("มะลิ").pk], person=cast.teacher, answer="correct")
    assert by(cast.teacher).get("/").context["to_check"] == 2
    assert "ตรวจสอบบัญชี 2 คนรอตรวจ" in by(cast.teacher).get("/").content.decode()


def answer_all(version, person):
    for name in ("มะลิ", "มะนาว"):
        checking.answer_lines(version, [line(name).pk], person=person, answer="correct")
    checking.answer_lines(version, [line("มะกรูด").pk], person=person, answer="kept", evidence="ยังอยู่ที่เดิม")


def test_director_signs_district_returns_and_the_school_mends_and_signs_again(cast, version, by):
    own = {"unit": "school:46990001"}
    client = by(cast.director)
    client.post(url(version, "sign"), own)
    assert not CheckSignature.objects.exists()
    answer_all(version, cast.teacher)
    client.post(url(version, "sign"), own)
    assert CheckSignature.objects.get().state == "signed"
    assert by(cast.teacher).post(url(version, "sign"), own).status_code == 403
    assert by(cast.south_district).post(url(version, "return"), own | {"note": "ตรวจใหม่"}).status_code == 404

    client = by(cast.district)
    page = client.get(url(version) + "?unit=school:46990001")
    assert [panel["returns"] for panel in page.context["panels"]][-1]
    client.post(url(version, "return"), own | {"note": "ไม่"})
    assert CheckSignature.objects.count() == 1
    client.post(url(version, "return"), own | {"note": "ตรวจชั้นของมะลิอีกครั้ง"})
    page = by(cast.director).get(url(version))
    assert "ตรวจชั้นของมะลิอีกครั้ง" in page.content.decode()
    by(cast.director).post(url(version, "sign"), own)
    assert [one.state for one in CheckSignature.objects.all()] == ["signed", "returned", "signed"]


def test_under_the_districts_signature_nothing_moves_until_the_province_gives_it_back(cast, version, by):
    answer_all(version, cast.district)
    checking.answer_lines(version, [line("มะเขือ").pk], person=cast.district, answer="correct")
    by(cast.director).post(url(version, "sign"), {"unit": "school:46990001"})
    by(cast.district).post(url(version, "sign"), {"unit": "district:P4603"})
    late = checking.answer_lines(version, [line("มะเขือ").pk], person=cast.sister_teacher, answer="correct")
    assert late.done == 0
    with pytest.raises(checklists.CheckRefused, match="district has signed"):
        checklists.give_back(version, parse_unit("school:46990001"), person=cast.district, note="แก้ไขใหม่")
    by(cast.province).post(url(version, "return"), {"unit": "district:P4603", "note": "ตรวจให้ครบ"})
    late = checking.answer_lines(version, [line("มะเขือ").pk], person=cast.sister_teacher, answer="correct")
    assert late.done == 1


def test_above_the_district_the_page_shows_districts_and_no_names(cast, version, by):
    for person in (cast.province, cast.department):
        page = by(person).get(url(version))
        assert [row["progress"].unit for row in page.context["below"]["rows"]] == ["district:P4603"]
        assert "มะลิ" not in page.content.decode()
        assert by(person).post(url(version, "lines"), {"answer": "correct"}).status_code == 403
    below = by(cast.district).get(url(version)).context["below"]["rows"]
    assert [row["progress"].unit for row in below] == ["school:46990001", "school:46990002"]
