"""Which role sees which field of a child (SECURITY FL-05): typed by hand, for a safe and for an unsafe child."""

from uuid import uuid4

import pytest
from django.urls import reverse

from cases import help as helping
from cases import photos, referrals
from cases.codes import Finding, Outcome, Wish
from cases.identity import make_synthetic_id, mask
from cases.models import Case
from cases.visits import VisitContent, record_visit
from dropout.tests.access_world import _picture
from reports import exports
from schools import jobs
from schools.models import Partner
from schools.tests.asking import asking
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db

NUMBER = make_synthetic_id(8_200_001)
HEALTH, CANNOT = str(Outcome.HEALTH.label), str(Wish.CANNOT.label)
# field → a mark by which it is known in any answer
MARKS = {
    "name": "ปาริชาต",
    "masked_id": mask(NUMBER),
    "whole_id": NUMBER,
    "guardian": "ยายบัวทอง",
    "phone": "0819997766",
    "house": "77/13",
    "lat": "16.432167",
    "lon": "103.987654",
    "met": "พบกำนันแสง",
    "situation": "อยู่กับป้าที่ตลาด",
    "next_step": "กลับไปพบวันศุกร์",
    "cause": HEALTH,
    "cause_slug": '"health"',
    "ill_wish": CANNOT,
    "health_need": "สุขภาพ/การรักษา",
    "help_what": "พาไปผ่าตัด",
    "help_who": "พยาบาลสมใจ",
    "purpose": "ขอรถรับส่งไปโรงพยาบาล",
    "reason": "แม่เล่าให้ครูฟัง",
}
ROLES = ("teacher", "director", "district", "province", "department", "ministry", "auditor", "partner", "charlie")
#                 a safe child                            an unsafe child
#                 tea dir dst pro dep min aud par cha     tea dir dst pro dep min aud par cha
MATRIX = """
name              yes yes yes yes yes  -   -   -   -      yes yes yes yes yes  -   -   -   -
masked_id         yes yes yes yes yes  -   -   -   -      yes yes yes yes yes  -   -   -   -
whole_id           -   -   -   -   -   -   -   -   -       -   -   -   -   -   -   -   -   -
guardian          yes yes yes yes yes  -   -   -   -      yes yes yes yes yes  -   -   -   -
phone             yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
house             yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
lat               yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
lon               yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
met               yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
situation         yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
next_step         yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
photo             yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
cause             yes yes yes  -   -   -   -   -   -      yes yes yes  -   -   -   -   -   -
cause_slug        yes yes yes  -   -   -   -   -   -      yes yes yes  -   -   -   -   -   -
ill_wish          yes yes yes  -   -   -   -   -   -      yes yes yes  -   -   -   -   -   -
health_need       yes yes yes  -   -   -   -   -   -      yes yes yes  -   -   -   -   -   -
help_what         yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
help_who          yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
purpose           yes yes yes yes yes  -   -   -   -      yes yes yes  -   -   -   -   -   -
reason             -   -   -   -   -   -   -   -   -      yes yes yes  -   -   -   -   -   -
"""


def expected() -> dict[tuple[bool, str, str], bool]:
    """(unsafe, field, role) → seen."""
    table = {}
    for line in MATRIX.strip().splitlines():
        field, *cells = line.split()
        for n, cell in enumerate(cells):
            table[n >= len(ROLES), field, ROLES[n % len(ROLES)]] = cell == "yes"
    return table


@pytest.fixture
def case(cast, make_case) -> Case:
    made = make_case(
        cast.own_school,
        name="ปาริชาต สมมุติ",
        national_id=NUMBER,
        guardian_name=MARKS["guardian"],
        guardian_phone=MARKS["phone"],
        house_no=MARKS["house"],
        lat=16.432167,
        lon=103.987654,
    )
    content = VisitContent(
        finding=Finding.FOUND,
        outcome=Outcome.HEALTH,
        wish=Wish.CANNOT,
        met=MARKS["met"],
        situation=MARKS["situation"],
        next_step=MARKS["next_step"],
        needs=("health",),
        lat=16.432167,
        lon=103.987654,
    )
    picture = photos.take_in(_picture(1), "a.jpg")
    record_visit(made, content, person=cast.teacher, uuid=uuid4(), pictures=[picture])
    said = {"what": MARKS["help_what"], "need": "health", "who": MARKS["help_who"], "due_on": bangkok_today()}
    helping.plan_help(Case.objects.get(pk=made.pk), person=cast.teacher, **said)
    referrals.refer(
        Case.objects.get(pk=made.pk),
        person=cast.director,
        partner=Partner.objects.get(code="moph"),
        purpose=MARKS["purpose"],
        basis="vital",
        shares=["name"],
        due_on=bangkok_today(),
    )
    return Case.objects.get(pk=made.pk)


def everything(client, person, case) -> str:
    """All that a person is told of this case on any page, by any program and in a line list."""
    client.force_login(person)
    api = asking(person)
    referral = case.referrals.get().pk
    pages = [
        reverse("cases:case_detail", args=[case.number]),
        reverse("cases:case_list"),
        "/?tab=all",
        "/figures/school:46990001/children/?figure=found",
        reverse("cases:act", args=[case.number, "confer"]),
        "/referrals/",
    ]
    programs = [
        reverse("api:case", args=[case.number]),
        reverse("api:visits", args=[case.number]),
        reverse("api:help", args=[case.number]),
        reverse("api:cases"),
        "/api/v1/referrals/",
        f"/api/v1/referrals/{referral}/",
    ]
    said = [client.get(url).content.decode() for url in pages]
    said += [api.get(url).content.decode() for url in programs]
    return "\n".join(said)


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_exactly_the_fields_of_the_matrix(cast, case, client, role, unsafe):
    if unsafe:
        helping.flag_unsafe(case, person=cast.teacher, reason=MARKS["reason"])
    person = getattr(cast, role)
    body = everything(client, person, case)
    seen = {field: mark in body for field, mark in MARKS.items()}
    picture = case.visits.get().photos.get()
    url = reverse("cases:photo", args=[case.number, picture.pk])
    answer = client.get(url)
    answer.close()
    seen["photo"] = answer.status_code == 200
    assert (url in body) == seen["photo"]
    wanted = {field: told for (hidden, field, who), told in expected().items() if (hidden, who) == (unsafe, role)}
    assert seen == wanted


def test_matrix_names_every_field_and_makes_hundreds_of_checks():
    assert {field for _, field, _ in expected()} == {*MARKS, "photo"}
    assert len(expected()) >= 360


# ── not by asking round the corner ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("role", "rows"), [("teacher", 1), ("district", 1), ("province", 0), ("ministry", 0)])
def test_a_filter_or_figure_of_a_health_cause_lists_only_for_those_who_act(cast, case, client, role, rows):
    client.force_login(getattr(cast, role))
    api = asking(getattr(cast, role))
    assert len(client.get(reverse("cases:case_list"), {"outcome": Outcome.HEALTH.value}).context["rows"]) == rows
    assert len(api.get(reverse("api:cases"), {"outcome": "health"}).json()["results"]) == rows
    assert len(api.get(reverse("api:cases"), {"figure": "outcome=health"}).json()["results"]) == rows
    unit = "school:46990001" if role == "teacher" else "district:P4603"
    page = client.get(f"/figures/{unit}/children/?figure=outcome%3Dhealth")
    if page.status_code == 200:
        assert len(page.context["rows"]) == rows
        assert page.context["counted"] == 1  # the figure itself is everybody's


@pytest.mark.parametrize(("role", "rows"), [("district", 1), ("province", 0)])
def test_a_line_list_of_a_health_cause_names_only_for_those_who_act(cast, case, settings, tmp_path, role, rows):
    settings.EXPORT_DIR = tmp_path
    person = getattr(cast, role)
    asked = exports.Request(exports.LINE_LIST, "district:P4603", "สำหรับประชุม", figure="outcome=health")
    job = exports.request_export(asked, person=person)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.result["rows"], job.result["out_of_scope"]) == (rows, 1 - rows)
