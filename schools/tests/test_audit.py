"""Who may read the trail, what of it, and how it is searched."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from schools import audit, clock
from schools.models import AuditEvent
from schools.scope import stationed_within
from schools.units import parse_unit, unit_names

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)


def test_every_act_that_is_recorded_has_a_name_on_the_page():
    written = re.compile(r'audit\.record\(\s*"(\w+)"')
    sources = [path for app in ("schools", "cases", "reports") for path in Path(app).rglob("*.py")]
    recorded = {name for path in sources if "tests" not in path.parts for name in written.findall(path.read_text())}
    assert {"list_checked", "request_asked"} <= recorded
    assert recorded <= set(audit.ACTIONS)


def record_for_everybody(cast) -> None:
    with clock.simulated(NOON):
        for person in cast.people().values():
            audit.record("exported", person=person)
    AuditEvent.objects.exclude(action="exported").delete()  # the making of the cast is recorded too


def seen_by(person) -> set[str]:
    return set(audit.events_visible_to(person).values_list("person__username", flat=True))


EVERYBODY = {
    "teacher", "sister_teacher", "director", "district", "province", "department", "ministry", "partner", "auditor",
    "admin", "south_teacher", "south_director", "south_district", "south_province", "south_department",
    "south_ministry", "south_partner", "south_auditor", "charlie",
}  # fmt: skip
WHO_READS_WHOM = {
    "auditor": EVERYBODY,
    "director": {"teacher", "director"},
    "district": {"teacher", "sister_teacher", "director", "district"},
    "south_director": {"south_teacher", "south_director"},
    "south_district": {"south_teacher", "south_director", "south_district"},
    "south_auditor": {"south_teacher", "south_director", "south_district", "south_province", "south_auditor"},
}


def test_each_reads_the_events_of_the_people_they_watch_over_and_no_more(cast):
    record_for_everybody(cast)
    read = {name: seen_by(person) for name, person in cast.people().items()}
    assert {name: whom for name, whom in read.items() if whom} == WHO_READS_WHOM


@pytest.mark.parametrize(
    ("unit", "names"),
    [
        ("department:obec", {"department", "district", "director", "teacher", "sister_teacher", "south_district"}),
        ("region:12", {"province", "district", "director", "teacher", "sister_teacher"}),
        ("province:46", {"province", "district", "director", "teacher", "sister_teacher"}),
        ("region:6", {"south_ministry", "south_province", "south_district", "south_director", "south_teacher"}),
    ],
)
def test_units_within_reach_down_both_trees(cast, unit, names):
    record_for_everybody(cast)
    rows = AuditEvent.objects.filter(stationed_within(parse_unit(unit))).values_list("person__username", flat=True)
    assert names <= set(rows)
    assert ("south_teacher" in rows) == (unit in {"department:obec", "region:6"})
    assert not {"auditor", "ministry", "charlie"} & set(rows)


def test_district_over_several_provinces_is_in_none_of_them(cast):
    from schools.models import District

    crossing = next(d for d in District.objects.filter(kind="obec_secondary") if d.provinces.count() > 1)
    audit.record("exported", person=cast.district)
    AuditEvent.objects.update(unit=f"district:{crossing.code}")
    for province in crossing.provinces.all():
        assert not AuditEvent.objects.filter(stationed_within(parse_unit(f"province:{province.pk}"))).exists()


def test_page_is_for_those_who_may_see_it(client, cast):
    for name, person in cast.people().items():
        client.force_login(person)
        allowed = name in WHO_READS_WHOM
        assert client.get("/audit/").status_code == (200 if allowed else 403), name


def test_page_shows_own_scope_only(client, cast):
    record_for_everybody(cast)
    client.force_login(cast.director)
    page = client.get("/audit/").content.decode()
    assert "กมล สมมุติครู" in page
    assert "โรงเรียนบ้านทุ่งสมมุติ" in page
    for stranger in ("ขวัญใจ", "จันทร์", "พร สมมุติใต้", "ชาลี"):
        assert stranger not in page


def listed(client, **query) -> list[str]:
    answer = client.get("/audit/", query)
    assert answer.status_code == 200
    return [row["event"].person.username for row in answer.context["rows"]]


def test_filters_by_person_act_case_and_days(client, cast):
    AuditEvent.objects.all().delete()
    with clock.simulated(NOON):
        audit.record("exported", person=cast.teacher)
        audit.record("case_viewed", person=cast.director, object_kind="case", object_key="7Q2K-M4TX")
    with clock.simulated(datetime(2026, 6, 1, 17, 0, tzinfo=UTC)):  # midnight in Bangkok: the second of June
        audit.record("exported", person=cast.district)
    client.force_login(cast.auditor)
    assert listed(client) == ["district", "director", "teacher"]
    assert listed(client, person="กมล") == ["teacher"]
    assert listed(client, person="DIRECTOR") == ["director"]
    assert listed(client, action="exported") == ["district", "teacher"]
    assert listed(client, case="7q2k-m4tx") == ["director"]
    assert listed(client, since="2026-06-02") == ["district"]
    assert listed(client, since="02/06/2569") == ["district"]  # as Thais write it, and as the page shows it
    assert listed(client, until="2026-06-01") == ["director", "teacher"]


def test_bad_filter_is_400_with_its_reason_and_no_rows(client, cast):
    audit.record("exported", person=cast.teacher)
    client.force_login(cast.auditor)
    answer = client.get("/audit/", {"since": "31/31/2566"})
    assert answer.status_code == 400
    assert answer.context["rows"] == []
    assert client.get("/audit/", {"action": "no_such_act"}).status_code == 400


def test_pages_follow_by_key_and_show_each_event_once(client, cast):
    AuditEvent.objects.all().delete()
    for _ in range(120):
        audit.record("exported", person=cast.teacher)
    client.force_login(cast.auditor)
    seen, url = [], "/audit/?action=exported"
    while url:
        answer = client.get(url)
        seen += [row["event"].pk for row in answer.context["rows"]]
        url = answer.context["next_url"]
    assert seen == sorted(AuditEvent.objects.values_list("pk", flat=True), reverse=True)
    assert len(seen) == 120


@pytest.mark.parametrize("token", ["abc", "-1", "๑๒", "9" * 40, "\0"])
def test_bad_page_key_is_the_first_page(client, cast, token):
    AuditEvent.objects.all().delete()
    audit.record("exported", person=cast.teacher)
    client.force_login(cast.auditor)
    assert "teacher" in listed(client, before=token)


def test_query_count_is_the_same_at_one_three_and_thirty_rows(client, cast, django_assert_num_queries):
    AuditEvent.objects.all().delete()
    client.force_login(cast.auditor)
    for wanted in (1, 3, 30):
        while AuditEvent.objects.count() < wanted:
            audit.record("exported", person=cast.teacher if wanted % 2 else cast.sister_teacher)
        with django_assert_num_queries(5):  # session, person, postings, events, names of schools
            client.get("/audit/")


class FileOf:
    number = "7Q2K-M4TX"


def test_lookers_tell_who_saw_a_case_how_often_and_when_last(cast, django_assert_num_queries):
    for hours, person, action in (
        (0, cast.teacher, "case_viewed"),
        (1, cast.director, "case_viewed"),
        (2, cast.teacher, "case_viewed"),
        (3, cast.teacher, "visit_recorded"),  # no look
        (4, cast.director, "id_revealed"),
    ):
        with clock.simulated(NOON + timedelta(hours=hours)):
            audit.record(action, person=person, object_kind="case", object_key=FileOf.number)
    audit.record("case_viewed", person=cast.district, object_kind="case", object_key="0000-0000")
    with django_assert_num_queries(1):
        seen = audit.lookers(FileOf)
    assert [(s.name, s.role, s.unit, s.last_at, s.times, s.reveals) for s in seen] == [
        ("คณิต สมมุติผอ", "director", "school:46990001", NOON + timedelta(hours=4), 2, 1),
        ("กมล สมมุติครู", "teacher", "school:46990001", NOON + timedelta(hours=2), 2, 0),
    ]


def test_unit_names_are_found_in_one_query_a_kind(cast, django_assert_num_queries):
    texts = ["school:46990001", "school:81990001", "province:46", "region:central", "nation", "school:none", "", "x:1"]
    with django_assert_num_queries(3):
        names = unit_names(texts)
    assert names["school:81990001"] == "โรงเรียนบ้านเกาะสมมุติ"
    assert names["province:46"] == "กาฬสินธุ์"
    assert names["nation"] == "ทั้งประเทศ"
    assert names["region:central"] not in ("", "region:central")
    assert (names["school:none"], names[""], names["x:1"]) == ("school:none", "", "x:1")


def test_every_act_is_called_by_words_and_not_by_its_code():
    written = set()
    for path in (path for app in ("schools", "cases", "reports") for path in (settings.BASE_DIR / app).rglob("*.py")):
        if "tests" not in path.parts:
            written |= set(re.findall(r'audit\.record\(\s*"(\w+)"', path.read_text()))
    assert written, "the calls are written otherwise now"
    assert not written - set(audit.ACTIONS)
