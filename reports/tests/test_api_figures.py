"""Figures for programs: the JSON to the letter, both clocks, and exactly the children behind every number."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cases.codes import Category, Finding, Outcome, VisitMode, Wish
from cases.enrolment import claim_enrolment
from cases.models import Case
from cases.visits import VisitContent, record_visit
from reports import ladder, rollup
from reports.identities import IDENTITIES
from schools import clock
from schools.models import AuditEvent
from schools.tests.asking import asking, everything
from schools.thaitime import BANGKOK, Period
from schools.units import parse_unit

FIGURES = "/api/v1/figures/"
CASES = "/api/v1/cases/"
ROLLUPS = "/api/v1/rollups/"
EXPORTS = "/api/v1/exports/"
START = datetime(2022, 2, 1, 9, tzinfo=BANGKOK)
LATER = datetime(2022, 2, 28, 13, 30, tzinfo=BANGKOK)


def visited(case, person, **said):
    record_visit(case, VisitContent(**said), person=person, uuid=uuid4())


@pytest.fixture
def world(cast, make_case):
    """Nine children of P4603 in February 2565, told in March 2565; one in the south who could leak."""
    listed = START.date()
    with clock.simulated(START):
        made = [make_case(cast.own_school, name=f"น้อง{n} สมมุติ", listed_on=listed) for n in range(6)]
        made.append(make_case(cast.sister_school, category=Category.MISSED, listed_on=listed))
        made.append(make_case(cast.own_school.district, category=Category.NOT_LISTED, listed_on=listed))
        made.append(make_case(cast.own_school, category=Category.AT_RISK, listed_on=listed))
        make_case(cast.south_school, name="ชบา สมมุติใต้", listed_on=listed)
    with clock.simulated(START + timedelta(days=7)):
        visited(made[0], cast.teacher, mode=VisitMode.PHONE)
        visited(made[1], cast.teacher, finding=Finding.FOUND, outcome=Outcome.ENROLLED_SAME_AFFILIATION)
        visited(made[2], cast.teacher, finding=Finding.FOUND, outcome=Outcome.RELOCATED, wish=Wish.WANTS)
        visited(made[3], cast.teacher, finding=Finding.FOUND, outcome=Outcome.COMPLETED_COMPULSORY_NO_FURTHER)
        visited(made[4], cast.teacher, finding=Finding.FOUND)
        visited(made[6], cast.sister_teacher, finding=Finding.FOUND, outcome=Outcome.DISABILITY, wish=Wish.CANNOT)
        claim_enrolment(made[2], person=cast.teacher, route="home")
    with clock.simulated(START + timedelta(days=35)):  # in March: after LATER
        visited(made[5], cast.teacher, finding=Finding.FOUND, outcome=Outcome.HEALTH, wish=Wish.WANTS)
    return made


EXPECTED = {
    "target": 8,
    "to_start": 2,
    "tracking": 1,
    "found": 5,
    "not_found": 0,
    "in_education": 1,
    "out_of_education": 4,
    "wants": 1,
    "does_not_want": 1,
    "cannot": 1,
    "not_asked": 1,
    "returned_claimed": 1,
    "returned_confirmed": 0,
    "observing": 0,
    "retained": 0,
}


# ── the JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_figures_of_a_unit_are_answered_to_the_letter_of_the_issue(cast, world):
    body = asking(cast.district).get(f"{FIGURES}?unit=district:P4603&as_of=2022-02-28T13:30%2B07:00").json()
    assert list(body) == ["unit", "as_of", "known_at", "figures", "by_outcome", "by_category", "checks"]
    assert (body["unit"], body["as_of"]) == ("district:P4603", "2022-02-28T13:30:00+07:00")
    assert body["figures"] == EXPECTED
    assert list(body["figures"]) == list(EXPECTED)
    assert len(body["by_outcome"]) == 19
    assert {slug: n for slug, n in body["by_outcome"].items() if n} == {
        "enrolled_same_affiliation": 1,
        "relocated": 1,
        "completed_compulsory_no_further": 1,
        "unspecified": 1,
        "disability": 1,
    }
    assert body["by_category"] == {
        "missed": {"target": 1, "traced": 1, "in_progress": 0, "back": 0, "not_back": 1},
        "dropout": {"target": 6, "traced": 4, "in_progress": 2, "back": 2, "not_back": 2},
        "not_listed": {"target": 1, "traced": 0, "in_progress": 1, "back": 0, "not_back": 0},
    }
    assert len(body["checks"]) >= len(IDENTITIES)
    assert all(check["holds"] is True for check in body["checks"])
    assert body["checks"][0] == {
        "identity": "target = to_start + tracking + found + not_found",
        "holds": True,
        "left": 8,
        "right": 8,
    }


def test_a_broken_identity_is_told_and_not_hidden(cast, world, monkeypatch):
    monkeypatch.setitem(ladder.COUNTERS, "tracking", ladder.COUNTERS["to_start"])
    body = asking(cast.district).get(FIGURES, {"unit": "district:P4603", "as_of": LATER.isoformat()}).json()
    broken = [check for check in body["checks"] if not check["holds"]]
    assert {
        "identity": "target = to_start + tracking + found + not_found",
        "holds": False,
        "left": 8,
        "right": 9,
    } in broken


def test_figures_stand_on_two_clocks(cast, world):
    late = world[0]
    with clock.simulated(START + timedelta(days=40)):  # told in March what was so in February
        done = (START + timedelta(days=10)).date()
        visited(late, cast.teacher, finding=Finding.FOUND, done=done)
    client = asking(cast.district)

    def found(**clocks):
        return client.get(FIGURES, {"unit": "district:P4603"} | clocks).json()["figures"]["found"]

    as_of = LATER.isoformat()
    assert found(as_of=as_of, known_at=as_of) == 5
    assert found(as_of=as_of) == 6
    assert found() == 7


def test_both_clocks_default_to_now(cast, world):
    with clock.simulated(LATER):
        body = asking(cast.district).get(FIGURES, {"unit": "district:P4603"}).json()
    assert body["as_of"] == body["known_at"] == "2022-02-28T13:30:00+07:00"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("as_of=2022-02-28T13:30", "as_of"),
        ("as_of=2022-02-28", "as_of"),
        ("as_of=0000-00-00T00:00%2B07:00", "as_of"),
        ("as_of=2026-02-30T00:00Z", "as_of"),
        ("as_of=yesterday", "as_of"),
        ("as_of=", "as_of"),
        ("known_at=2022-02-28", "known_at"),
        ("as_of=0001-01-01T00:00%2B14:00", "as_of"),
        ("colour=red", "colour"),
    ],
)
def test_a_moment_without_a_time_zone_or_sense_is_refused(cast, asked, field):
    answer = asking(cast.district).get(f"{FIGURES}?unit=district:P4603&{asked}")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}


@pytest.mark.parametrize(
    "asked", ["as_of=9999-12-31T00:00Z", "as_of=2022-02-28T13:30%2B07:00&known_at=2022-02-28T13:29%2B07:00"]
)
def test_the_future_and_what_is_known_before_it_was_are_refused_in_two_languages(cast, asked):
    answer = asking(cast.district).get(f"{FIGURES}?unit=district:P4603&{asked}")
    assert answer.status_code == 400
    assert answer.json()["detail_th"] != answer.json()["detail_en"]


def test_an_unquoted_plus_of_the_zone_is_understood(cast, world):
    body = asking(cast.district).get(f"{FIGURES}?unit=district:P4603&as_of=2022-02-28T13:30+07:00").json()
    assert body["as_of"] == "2022-02-28T13:30:00+07:00"


def test_a_unit_must_be_named(cast):
    answer = asking(cast.district).get(FIGURES)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"unit"})


@pytest.mark.parametrize(
    ("who", "unit", "status"),
    [
        ("teacher", "school:46990001", 200),
        ("teacher", "school:46990002", 404),
        ("teacher", "district:P4603", 404),
        ("district", "school:46990002", 200),
        ("district", "district:P8101", 404),
        ("district", "province:46", 404),
        ("district", "nation", 404),
        ("province", "province:46", 200),
        ("province", "school:46990005", 200),
        ("province", "province:81", 404),
        ("department", "department:obec", 200),
        ("department", "department:ovec", 404),
        ("ministry", "nation", 200),
        ("ministry", "region:central", 200),
        ("auditor", "nation", 200),
        ("south_auditor", "nation", 404),
        ("ministry", "planet:9", 404),
        ("ministry", "partner:eef", 404),
        ("partner", "partner:eef", 403),
        ("admin", "nation", 403),
        ("charlie", "nation", 403),
    ],
)
def test_figures_are_of_units_one_may_look_at(cast, who, unit, status):
    client = asking(getattr(cast, who))
    assert client.get(FIGURES, {"unit": unit}).status_code == status


# ── the children ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("figure", ladder.KEYS)
def test_the_list_behind_a_figure_is_exactly_as_long_as_the_figure(cast, world, figure):
    client = asking(cast.district)
    asked = {"unit": "district:P4603", "as_of": LATER.isoformat()}
    said = client.get(FIGURES, asked).json()
    flat = said["figures"] | {f"outcome={slug}": n for slug, n in said["by_outcome"].items()}
    flat |= {f"{slug}.{key}": n for slug, part in said["by_category"].items() for key, n in part.items()}
    flat |= ladder.count(parse_unit("district:P4603"), LATER) if figure not in flat else {}
    rows = everything(client, CASES, figure=figure, page_size=2, **asked)
    assert len(rows) == len({row["number"] for row in rows}) == flat[figure]
    kind, _, slug = figure.partition("=")
    if kind == "outcome":
        assert everything(client, CASES, outcome=slug, **asked) == rows


def test_the_children_behind_found_are_the_very_ones(cast, world):
    rows = everything(asking(cast.ministry), CASES, unit="nation", figure="found", as_of=LATER.isoformat())
    assert {row["number"] for row in rows} == {world[n].number for n in (1, 2, 3, 4, 6)}
    assert {row["name"] for row in rows} == {None}


def test_children_who_moved_away_are_no_longer_shown_and_those_who_came_are(cast, world, make_case):
    from cases.routing import assign_case

    with clock.simulated(START + timedelta(days=60)):
        assign_case(world[1], cast.sister_school, person=cast.district)
    asked = {"unit": "school:46990001", "figure": "in_education", "as_of": LATER.isoformat()}
    assert everything(asking(cast.teacher), CASES, **asked) == []
    assert len(everything(asking(cast.district), CASES, **asked)) == 1


def test_without_a_unit_the_children_are_those_in_scope(cast, world):
    rows = everything(asking(cast.sister_teacher), CASES, figure="found")
    assert [row["number"] for row in rows] == [world[6].number]


def test_the_children_behind_a_figure_are_narrowed_by_the_filters_of_the_list(cast, world):
    asked = {"unit": "district:P4603", "figure": "found", "as_of": LATER.isoformat()}
    rows = everything(asking(cast.district), CASES, category="missed", **asked)
    assert [row["number"] for row in rows] == [world[6].number]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("figure=profit", "figure"),
        ("outcome=happiness", "outcome"),
        ("figure=found&outcome=relocated", "outcome"),
        ("figure=found&as_of=2022-02-28", "as_of"),
    ],
)
def test_a_figure_that_does_not_exist_is_refused(cast, asked, field):
    answer = asking(cast.district).get(f"{CASES}?{asked}")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})


def test_the_children_of_a_unit_out_of_sight_are_not_found(cast, world):
    client = asking(cast.teacher)
    assert client.get(CASES, {"unit": "province:46", "figure": "found"}).status_code == 404
    assert client.get(CASES, {"unit": "school:81990001", "figure": "target"}).status_code == 404


@pytest.mark.parametrize("who", ["partner", "admin", "charlie"])
def test_whoever_sees_no_cases_gets_none_behind_any_figure(cast, world, who):
    answer = asking(getattr(cast, who)).get(CASES, {"figure": "target"})
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_looking_behind_a_figure_is_in_the_trail(cast, world):
    asking(cast.district).get(CASES, {"unit": "district:P4603", "figure": "found"})
    event = AuditEvent.objects.get(action="list_viewed")
    assert (event.person, event.object_key, event.details) == (cast.district, "district:P4603", {"figure": "found"})


def test_figures_and_lists_cost_the_same_queries_at_1_3_and_30_rows(cast, make_case, django_assert_num_queries):
    client = asking(cast.district)
    for rows in (1, 3, 30):
        while Case.objects.count() < rows:
            make_case(cast.own_school)
        with django_assert_num_queries(7):
            assert client.get(FIGURES, {"unit": "district:P4603"}).json()["figures"]["target"] == rows
        with django_assert_num_queries(8):
            answer = client.get(CASES, {"unit": "district:P4603", "figure": "target"})
        assert len(answer.json()["results"]) == rows


# ── rollups ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_kept_rollup_is_read_as_it_was_printed(cast, world):
    with clock.simulated(datetime(2022, 3, 1, 0, 5, tzinfo=BANGKOK)):
        rollup.build(Period.parse("2565-02"))
    client = asking(cast.district)
    assert [row["period"] for row in everything(client, ROLLUPS)] == ["2565-02"]
    assert everything(client, ROLLUPS, kind="weekly") == []
    body = client.get(f"{ROLLUPS}2565-02/", {"unit": "district:P4603"}).json()
    assert body["figures"] == EXPECTED
    assert (body["as_of"], body["rollup"]["revision"]) == ("2022-03-01T00:00:00+07:00", 1)
    assert client.get(f"{ROLLUPS}2565-02/", {"unit": "district:P8101"}).status_code == 404
    assert client.get(f"{ROLLUPS}2565-01/", {"unit": "district:P4603"}).status_code == 404
    assert client.get(f"{ROLLUPS}2022-02/", {"unit": "district:P4603"}).status_code == 400
    assert asking(cast.partner).get(ROLLUPS).status_code == 403


# ── exports ───────────────────────────────────────────────────────────────────────────────────────────────────────────
PURPOSE = "เสนอที่ประชุมคณะกรรมการ"


def test_a_line_list_is_asked_for_made_and_fetched_by_its_person_alone(cast, world):
    from schools import jobs

    client = asking(cast.district)
    asked = client.post(EXPORTS, {"kind": "line_list", "unit": "district:P4603", "purpose": PURPOSE, "figure": "found"})
    assert asked.status_code == 202
    number = asked.json()["id"]
    assert client.get(f"{EXPORTS}{number}/file/").status_code == 404  # not made yet
    jobs.run(number)
    body = client.get(f"/api/v1/jobs/{number}/").json()
    assert (body["state"], body["result"]["rows"], body["error"]) == ("done", 6, None)
    answer = client.get(f"{EXPORTS}{number}/file/")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    for other in (cast.director, cast.south_district, cast.ministry, cast.admin):
        assert asking(other).get(f"{EXPORTS}{number}/file/").status_code == 404
    for _ in range(2):
        assert b"".join(client.get(f"{EXPORTS}{number}/file/").streaming_content)
    ended = client.get(f"{EXPORTS}{number}/file/", headers={"accept": "application/json"})
    assert ended.status_code == 410
    assert "3" in ended.json()["detail_en"]


@pytest.mark.parametrize(
    ("who", "said", "status"),
    [
        ("teacher", {}, 403),
        ("auditor", {}, 403),
        ("partner", {}, 403),
        ("charlie", {}, 403),
        ("district", {"unit": "district:P8101"}, 404),
        ("district", {"unit": "nonsense"}, 404),
        ("district", {"purpose": "สั้น"}, 400),
        ("district", {"kind": "everything"}, 400),
        ("district", {"figure": "profit"}, 400),
        ("district", {"period": "2022-02"}, 400),
        ("district", {"by": 1}, 400),
        ("district", {"kind": "workbook"}, 400),
    ],
)
def test_an_export_one_may_not_have_is_refused_and_nothing_is_queued(cast, who, said, status):
    from schools.models import Job

    body = {"kind": "line_list", "unit": "district:P4603", "purpose": PURPOSE} | said
    assert asking(getattr(cast, who)).post(EXPORTS, body).status_code == status
    assert not Job.objects.exists()


def test_utc_and_bangkok_name_the_same_moment(cast, world):
    client = asking(cast.district)
    one, two = (
        client.get(FIGURES, {"unit": "district:P4603", "as_of": moment.isoformat()}).json()["figures"]
        for moment in (LATER, LATER.astimezone(UTC))
    )
    assert one == two == EXPECTED
