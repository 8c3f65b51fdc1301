"""Every list and dashboard asks the database as often at 1, 3 and 30 rows: the counts are typed here.

A page that grows by a query a row is found here before a district with 4,000 cases finds it. Savepoints are not
counted: they cost nothing and differ by database.
"""

from datetime import timedelta
from itertools import count, cycle
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import closing, photos, referrals, transfers
from cases.codes import Closing, Finding, Sameness
from cases.duplicates import note_pair
from cases.enrolment import claim_enrolment, confirm_enrolment
from cases.escalation import escalate
from cases.follow_ups import record_follow_up
from cases.identity import make_synthetic_id
from cases.intake import background, importing
from cases.models import Case, ChildList, ListEntry, ListVersion, Request
from cases.tests.sheetmaker import SISTER, child, xlsx
from cases.transfers import send_to_centre
from cases.visits import VisitContent, record_visit
from dropout.testing import SINCE
from dropout.tests.access_world import _picture
from reports import exports
from schools import audit, clock, jobs
from schools.models import District, Job, JobFile, Partner, Person, Posting, Province, School, Tambon
from schools.school_index import school_key
from schools.tests.asking import asking
from schools.thaitext import sort_key
from schools.thaitime import bangkok_today

ROWS = (1, 3, 30)
_numbers = count(1)


# ── worlds of n rows ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def cases_of(cast, make_case):
    """cases_of(n): n children at the own school, each with a teacher, a visit and a photo."""

    def make(n: int) -> list[Case]:
        made = []
        for _ in range(n):
            k = next(_numbers)
            case = make_case(cast.own_school, name=f"น้อง{k} สกุล{k}", national_id=make_synthetic_id(k))
            picture = photos.take_in(_picture(k % 7 + 1), "a.jpg")
            record_visit(
                case, VisitContent(finding=Finding.NONE), person=cast.teacher, uuid=uuid4(), pictures=[picture]
            )
            made.append(case)
        return made

    return make


@pytest.fixture
def received_of(cast, make_case):
    """received_of(n): n children of the sister school who returned to the own school, followed up there."""

    def make(n: int) -> None:
        for _ in range(n):
            k = next(_numbers)
            case = make_case(cast.sister_school, name=f"น้อง{k} สกุล{k}", national_id=make_synthetic_id(k))
            case = claim_enrolment(case, person=cast.sister_teacher, route="school", school=cast.own_school)
            case = confirm_enrolment(case, person=cast.director)
            record_follow_up(case, person=cast.teacher, result="still")

    return make


@pytest.fixture
def referrals_of(cast, make_case):
    """referrals_of(n): n children referred to the partner of the cast."""

    def make(n: int) -> None:
        for _ in range(n):
            k = next(_numbers)
            referrals.refer(
                make_case(cast.own_school, name=f"ฝาก{k} สกุล{k}"),
                person=cast.director,
                partner=Partner.objects.get(code="eef"),
                purpose="ขอทุนการศึกษาให้เด็กเรียนต่อ",
                basis="public_task",
                shares=["name"],
                due_on=bangkok_today(),
            )

    return make


@pytest.fixture
def schools_of(cast, make_case):
    """schools_of(n): n schools in the own district, with one case each."""

    def make(n: int) -> None:
        district = District.objects.get(code="P4603")
        for _ in range(n):
            k = next(_numbers)
            name = f"โรงเรียนแถวที่ {k}"
            school = School.objects.create(
                code=f"4699{1000 + k}",
                name_th=name,
                search=school_key(name),
                sort_key=sort_key(name),
                district=district,
                province_id=46,
                amphoe_id=4605,
                tambon_id=460501,
            )
            make_case(school, name=f"หนู{k} สกุล{k}")

    return make


@pytest.fixture
def districts_of(cast, make_case):
    """districts_of(n): a case in each of n districts, those of province 46, then of its region, then others."""

    def make(n: int) -> None:
        free = District.objects.exclude(pk__in=Case.objects.values("district_id")).exclude(kind="tray")
        near = {"S46": 0, "P46": 0, "P45": 1, "P44": 1, "P40": 1}  # region 12
        found = sorted(free.select_related("department", "seat"), key=lambda one: (near.get(one.code[:3], 2), one.code))
        for district in found[:n]:
            k = next(_numbers)
            make_case(district, name=f"หนู{k} สกุล{k}")

    return make


@pytest.fixture
def provinces_of(cast, make_case):
    """provinces_of(n): a case in the first district of each of n provinces."""

    def make(n: int) -> None:
        seats = District.objects.filter(department__code="obec", kind="obec_primary").select_related(
            "department", "seat"
        )
        busy = set(Case.objects.values_list("province_id", flat=True))
        free = {one.seat_id: one for one in seats.order_by("-code") if one.seat_id not in busy}
        for _, district in sorted(free.items())[:n]:
            k = next(_numbers)
            make_case(district, name=f"หนู{k} สกุล{k}")

    return make


@pytest.fixture
def pairs_of(cast, make_case):
    """pairs_of(n): n pairs of cases of the district that may be one child."""

    def make(n: int) -> None:
        for _ in range(n):
            name = f"คู่{next(_numbers)} สมมุติ"
            one, two = (make_case(school, name=name) for school in (cast.own_school, cast.sister_school))
            note_pair(one, two, Sameness.NAME_BIRTH)

    return make


@pytest.fixture
def jobs_of(cast):
    """jobs_of(n): n finished dry runs with a commit each, and n exports, of the district officer."""

    def make(n: int) -> None:
        person = cast.district
        posting = person.postings.get()
        about = {"by": person, "posting": posting, "unit": posting.unit, "state": Job.State.DONE}
        for _ in range(n):
            params = {"list": "บัญชี", "list_date": None, "category": None, "confirm_ages": False, "mapping": {}}
            check = Job.objects.create(
                kind=background.CHECK, params=params, result={"counts": {}}, finished_at=clock.now(), **about
            )
            commit = Job.objects.create(kind=background.COMMIT, params={"check": check.pk}, **about)
            asked = exports.Request(exports.LINE_LIST, "district:P4603", "เสนอที่ประชุม").params()
            export = Job.objects.create(kind=exports.LINE_LIST, params=asked, finished_at=clock.now(), **about)
            for job, folder in ((check, "upload"), (commit, "export"), (export, "export")):
                JobFile.objects.create(
                    job=job,
                    folder=folder,
                    role="source",
                    path=uuid4().hex,
                    name="ก.xlsx",
                    rows=1,
                    expires_at=clock.now() + timedelta(hours=3),
                )

    return make


@pytest.fixture
def events_of(cast):
    """events_of(n): n events of n people at n schools."""

    def make(n: int) -> None:
        for _ in range(n):
            k = next(_numbers)
            person = Person.objects.create_user(f"p{k}", "", first_name="ก", last_name=f"ข{k}")
            Posting.objects.create(person=person, role="director", unit="school:46990001", since=SINCE)
            audit.record(audit.VIEW_CASE, person=person, object_kind="case", object_key=f"AAAA-{k:04}")

    return make


@pytest.fixture
def lines_of(cases_of, cast):
    """lines_of(n): n lines of one list (the only one), each of a case of the own school."""

    def make(n: int) -> None:
        about = {"as_of": bangkok_today(), "source_name": "a.xlsx", "sha256": "0", "by": cast.district}
        made, _ = ChildList.objects.get_or_create(
            name="บัญชี", owner="district:P4603", defaults={"created_at": clock.now()}
        )
        ListVersion.objects.get_or_create(
            list=made, number=1, defaults={"unit": "district:P4603", "committed_at": clock.now(), **about}
        )
        for case in cases_of(n):
            key = str(case.pk)
            ListEntry.objects.create(
                list=made, child=case.child, case=case, joined=1, row=case.pk, match_key=key, digest=key
            )

    return make


@pytest.fixture
def lists_of(cast, make_case):
    """lists_of(n): n lists of one line each."""

    def make(n: int) -> None:
        about = {"as_of": bangkok_today(), "source_name": "a.xlsx", "sha256": "0", "by": cast.district}
        for _ in range(n):
            k = next(_numbers)
            case = make_case(cast.own_school, name=f"หนู{k} สกุล{k}")
            made = ChildList.objects.create(name=f"บัญชี {k}", owner="district:P4603", created_at=clock.now())
            ListVersion.objects.create(list=made, number=1, unit="district:P4603", committed_at=clock.now(), **about)
            ListEntry.objects.create(
                list=made, child=case.child, case=case, joined=1, row=2, match_key=str(k), digest=str(k)
            )

    return make


@pytest.fixture
def people_of(cast, make_case):
    """people_of(n): n teachers at the own school, each responsible for a child; they are gone again at every other."""

    def make(n: int) -> None:
        for _ in range(n):
            k = next(_numbers)
            person = Person.objects.create_user(f"t{k}", "", first_name=f"ครู{k}", last_name=f"ข{k}")
            gone = {"until": bangkok_today() - timedelta(days=1)} if k % 2 else {}
            Posting.objects.create(person=person, role="teacher", unit="school:46990001", since=SINCE, **gone)
            case = make_case(cast.own_school, name=f"น้อง{k} สกุล{k}")
            Case.objects.filter(pk=case.pk).update(teacher=person)

    return make


@pytest.fixture
def requests_of(cast, make_case):
    """requests_of(n): n children whose teacher asks the district to close the case."""

    def make(n: int) -> None:
        for _ in range(n):
            k = next(_numbers)
            case = make_case(cast.own_school, name=f"น้อง{k} สกุล{k}")
            closing.request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason="ย้ายตามบิดามารดาแล้ว")

    return make


@pytest.fixture
def transfers_of(cast, make_case):
    """transfers_of(n): n children whose teacher asks the sister school to take them."""

    def make(n: int) -> None:
        for _ in range(n):
            k = next(_numbers)
            case = make_case(cast.own_school, name=f"น้อง{k} สกุล{k}")
            transfers.request_transfer(case, person=cast.teacher, to="school:46990002", reason="ย้ายตามผู้ปกครอง")

    return make


@pytest.fixture
def unrouted_of(cast, make_case):
    """unrouted_of(n): n children of the district without a school, each of another tambon, amphoe 4601 first."""
    tambons = cycle(Tambon.objects.filter(amphoe__province_id=46).order_by("pk").values_list("pk", flat=True))

    def make(n: int) -> None:
        for _ in range(n):
            k, tambon = next(_numbers), next(tambons)
            home = {"tambon_id": tambon, "amphoe_id": tambon // 100, "province_id": 46, "guardian_phone": f"08{k:08d}"}
            make_case(District.objects.get(code="P4603"), name=f"น้อง{k} สกุล{k}", **home)

    return make


@pytest.fixture
def moves_of(cast, make_case):
    """moves_of(n): n children found in another province, and n of whom the school asks for help, long unanswered."""
    south = Province.objects.get(pk=81)

    def make(n: int) -> None:
        for _ in range(n):
            k = next(_numbers)
            case = make_case(cast.own_school, name=f"น้อง{k} สกุล{k}")
            send_to_centre(case, person=cast.teacher, province=south, reason="พบที่กระบี่")
            escalate(case, person=cast.teacher, reason="ไปหลายครั้งแล้ว ขอให้เขตช่วย")
        Request.objects.update(due_at=clock.now() - timedelta(days=1))

    return make


# ── counting ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def count_queries(client, url: str) -> tuple[int, int]:
    """How many queries, and how long the answer is."""
    caches["limits"].clear()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    assert answer.status_code == 200, answer.content
    return sum("SAVEPOINT" not in query["sql"] for query in asked.captured_queries), len(answer.content)


def counts_as_rows_grow(client, url: str, make) -> list[int]:
    """The count at 1, 3 and 30 rows, after one look that fills what a process keeps."""
    counts, lengths, there = [], [], 0
    for n in ROWS:
        make(n - there)
        there = n
        if not counts:
            count_queries(client, url)
        counted, length = count_queries(client, url)
        counts.append(counted)
        lengths.append(length)
    assert lengths[0] < lengths[2], "the rows are not on the page"
    return counts


def same(n: int) -> list[int]:
    return [n, n, n]


def by_session(client, person):
    client.force_login(person)
    return client


PAGES = [
    # who, address, of what there are 1, 3 and 30, queries
    ("teacher", "/", "cases_of", 12),
    ("district", "/?tab=all", "cases_of", 12),
    ("teacher", "/cases/", "cases_of", 6),
    ("district", "/cases/", "cases_of", 8),
    ("teacher", "/received/", "received_of", 8),
    ("district", "/received/", "received_of", 9),
    ("ministry", "/cases/", "cases_of", 6),
    ("district", "/figures/school:46990001/children/?figure=target", "cases_of", 9),
    ("ministry", "/figures/nation/children/?figure=target", "provinces_of", 7),
    ("teacher", "/dashboard/school:46990001/", "cases_of", 22),
    ("district", "/dashboard/district:P4603/", "schools_of", 26),
    ("province", "/dashboard/province:46/?by=school", "schools_of", 25),
    ("province", "/dashboard/province:46/?by=district", "districts_of", 25),
    ("ministry", "/dashboard/region:12/?by=district", "districts_of", 24),
    ("department", "/dashboard/department:obec/", "districts_of", 26),
    ("department", "/dashboard/department:obec/?by=province", "provinces_of", 25),
    ("ministry", "/dashboard/nation/", "provinces_of", 23),
    ("ministry", "/dashboard/nation/?by=department", "districts_of", 23),
    ("ministry", "/dashboard/nation/?by=region", "provinces_of", 24),
    ("partner", "/referrals/", "referrals_of", 6),
    ("auditor", "/audit/", "events_of", 5),
    ("district", "/audit/", "events_of", 7),
    ("district", "/duplicates/", "pairs_of", 7),
    ("ministry", "/duplicates/", "pairs_of", 6),
    ("district", "/imports/", "jobs_of", 8),
    ("district", "/exports/", "jobs_of", 8),
    ("teacher", "/checks/", "lists_of", 9),
    ("district", "/checks/", "lists_of", 10),
    ("province", "/checks/", "lists_of", 10),
    ("director", "/people/", "people_of", 8),
    ("district", "/people/?unit=46990001&state=active", "people_of", 9),
    ("admin", "/people/?q=ครู", "people_of", 6),
    ("district", "/hand-overs/", "people_of", 9),
    ("district", "/requests/", "requests_of", 11),
    ("district", "/desk/", "unrouted_of", 18),
    ("district", "/desk/?amphoe=4601", "unrouted_of", 18),
    ("department", "/desk/?tab=unrouted", "unrouted_of", 18),
    ("district", "/desk/?tab=incoming", "moves_of", 12),
    ("department", "/desk/?tab=incoming", "moves_of", 12),
    ("district", "/desk/?tab=outgoing", "moves_of", 12),
    ("ministry", "/desk/?tab=unanswered", "moves_of", 11),
    ("director", "/desk/?tab=outgoing", "moves_of", 12),
    ("teacher", "/requests/", "requests_of", 8),
]
PROGRAMS = [
    ("district", "/api/v1/units/?kind=school", "schools_of", 5),
    ("ministry", "/api/v1/units/?kind=school&page_size=100", "schools_of", 4),
    ("district", "/api/v1/cases/", "cases_of", 6),
    ("ministry", "/api/v1/cases/", "cases_of", 4),
    ("district", "/api/v1/cases/?unit=school:46990001&figure=target", "cases_of", 8),
    ("partner", "/api/v1/referrals/", "referrals_of", 5),
    ("district", "/api/v1/referrals/", "referrals_of", 5),
    ("district", "/api/v1/list-checks/", "lists_of", 9),
    ("district", "/api/v1/duplicates/", "pairs_of", 5),
    ("district", "/api/v1/jobs/", "jobs_of", 5),
    ("district", "/api/v1/postings/", "people_of", 8),
    ("district", "/api/v1/requests/", "requests_of", 5),
    ("ministry", "/api/v1/requests/?state=waiting", "requests_of", 4),
    ("district", "/api/v1/transfers/?list=incoming", "transfers_of", 5),
    ("teacher", "/api/v1/transfers/?list=outgoing", "transfers_of", 5),
    ("district", "/api/v1/enrolments/", "received_of", 8),
    ("ministry", "/api/v1/follow-ups/", "received_of", 5),
    ("district", "/api/v1/figures/?unit=district:P4603", "schools_of", 7),
    ("ministry", "/api/v1/figures/?unit=nation", "provinces_of", 5),
]


@pytest.mark.parametrize(("who", "url", "rows", "expected"), PAGES, ids=lambda value: str(value).split("?")[0])
def test_page_asks_as_often_however_many_rows(request, cast, client, who, url, rows, expected):
    make = request.getfixturevalue(rows)
    assert counts_as_rows_grow(by_session(client, getattr(cast, who)), url, make) == same(expected)


@pytest.mark.parametrize(("who", "url", "rows", "expected"), PROGRAMS, ids=lambda value: str(value).split("?")[0])
def test_api_asks_as_often_however_many_rows(request, cast, who, url, rows, expected):
    make = request.getfixturevalue(rows)
    assert counts_as_rows_grow(asking(getattr(cast, who)), url, make) == same(expected)


@pytest.mark.parametrize(("who", "expected"), [("teacher", 9), ("director", 13), ("district", 16), ("province", 10)])
def test_checklist_asks_as_often_however_many_lines(cast, client, lines_of, who, expected):
    by_session(client, getattr(cast, who))
    assert counts_of_checklist(client, "cases:check_version", lines_of) == same(expected)


@pytest.mark.parametrize(("who", "expected"), [("teacher", 7), ("district", 7)])
def test_checklist_by_api_asks_as_often_however_many_lines(cast, lines_of, who, expected):
    assert counts_of_checklist(asking(getattr(cast, who)), "api:list_check", lines_of) == same(expected)


def counts_of_checklist(client, route: str, lines_of) -> list[int]:
    lines_of(1)
    url = reverse(route, args=[ListVersion.objects.get().pk])
    counts = []
    for n in (0, 0, 2, 27):  # the first look fills what a process keeps
        lines_of(n)
        counts.append(count_queries(client, url)[0])
    return counts[1:]


@pytest.mark.parametrize(("page", "expected"), [("page", 23), ("api", 12), ("visits", 10)])
def test_file_of_a_case_asks_as_often_however_many_visits(cast, client, make_case, page, expected):
    case = make_case(cast.own_school, name="น้องมาก สกุลมาก", national_id=make_synthetic_id(7_000_001))

    def visit(n: int) -> None:
        for _ in range(n):
            picture = photos.take_in(_picture(next(_numbers) % 7 + 1), "a.jpg")
            content = VisitContent(finding=Finding.FOUND, situation="เล่า")
            record_visit(case, content, person=cast.teacher, uuid=uuid4(), pictures=[picture])

    urls = {
        "page": (by_session(client, cast.district), reverse("cases:case_detail", args=[case.number])),
        "api": (asking(cast.district), reverse("api:case", args=[case.number])),
        "visits": (asking(cast.district), reverse("api:visits", args=[case.number])),
    }
    assert counts_as_rows_grow(*urls[page], visit) == same(expected)


def test_result_of_an_import_asks_as_often_however_many_rows(cast, client, settings, tmp_path):
    """A re-issued list: n rows changed to another school, n refused, n new."""
    settings.UPLOAD_DIR, settings.EXPORT_DIR = tmp_path / "in", tmp_path / "out"
    by_session(client, cast.district)
    counts = []
    for n in (1, 1, 3, 30):  # the first look fills what a process keeps
        base = 100 * next(_numbers)
        first = [child(base + k) for k in range(n)]
        path = xlsx(tmp_path / f"{base}.xlsx", first)
        importing.commit(importing.Request(cast.district, path, path.name, f"บัญชี {base}"))
        again = [row | {"รหัสสถานศึกษา": SISTER} for row in first]
        bad = [child(base + 40 + k, วันเกิด="31/02/2555") for k in range(n)]
        job = dry_run(cast.district, again + bad + [child(base + 70 + k) for k in range(n)], f"บัญชี {base}", tmp_path)
        told = job.result["counts"]
        assert (told["changed"], told["refused"], told["new"]) == (n, n, n)
        counts.append(count_queries(client, reverse("cases:import_detail", args=[job.pk]))[0])
    assert counts[1:] == same(9)


def dry_run(person, rows, name, folder) -> Job:
    path = xlsx(folder / f"{uuid4().hex}.xlsx", rows)
    job = background.start_check(person, SimpleUploadedFile("ก.xlsx", path.read_bytes()), name=name)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error_en
    return job
