"""In English no page has Thai in what the product itself says; names of units, people and what they wrote stay Thai."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from cases.checking import answer_lines
from cases.codes import Category, EnrolmentRoute, Finding, Need, Outcome, VisitMode, Whereabouts, Wish
from cases.enrolment import claim_enrolment
from cases.identity import make_synthetic_id
from cases.intake.headings import CANONICAL
from cases.models import Child, ChildList, EntryChange, ListEntry, ListVersion
from cases.routing import assign_case, name_teacher
from cases.tests.sheetmaker import child, xlsx
from cases.visits import VisitContent, record_visit
from dropout.testing import PASSWORD
from reports import exports
from schools import clock, jobs
from schools.models import Department, District, Job, Partner, Person, Province, Region, School
from schools.thaitime import bangkok_today

THAI = re.compile(r"[\u0e00-\u0e7f]")
SPOKEN = frozenset(
    {"title", "alt", "placeholder", "aria-label", "data-says", "data-confirm", "data-found", "data-refused"}
)
EMPTY = frozenset(
    {"input", "img", "br", "meta", "link", "use", "rect", "circle", "line", "path", "hr", "source", "col"}
)
FILES = frozenset(
    {
        "cases:photo",
        "cases:import_template",
        "cases:import_file",
        "reports:export_file",
        "schools:job",
        "schools:people_upload_template",
    }
)
SITUATION, MET, LIST, REFUSED = "พบน้องที่บ้านยาย", "ยายสมมุติ", "บัญชีทดสอบ", "สมคกา ใจฒี"
WRITTEN = (SITUATION, MET, LIST, "บิดาสมมุติ", "โรงเรียนปลายทาง", "ป.6", "ด.ช.", "น้องสมมุติ ทดสอบ", "ช่องแปลก", REFUSED)
ADDRESS = ("ม.4", "บัวขาว", "กุฉินารายณ์", "ต.", "อ.", "จ.")  # an address stays as the postman reads it


class Said(HTMLParser):
    """What a page says in English: its text and spoken attributes, save in elements marked as another language."""

    def __init__(self):
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self._languages: list[tuple[str, str]] = [("", "")]

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        language = about.get("lang", self._languages[-1][1])
        if about.get("aria-hidden") == "true":  # the initials of a person, the map whose table says the same
            language = "none"
        if language == "en":
            self.said += [value for name, value in attrs if name in SPOKEN and value]
        if tag == "input" and about.get("type") in ("submit", "button") and language == "en":
            self.said.append(about.get("value", ""))
        if tag == "a" and about.get("href"):
            self.links.append(about["href"])
        if tag not in EMPTY:
            self._languages.append((tag, language))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while len(self._languages) > 1 and self._languages.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self._languages[-1][1] == "en":
            self.said.append(data)


def said(html: str) -> Said:
    page = Said()
    page.feed(html)
    page.close()
    return page


def data_words() -> list[str]:
    """Every Thai word that comes from rows, not from us; the longest first."""
    words = {*WRITTEN, *ADDRESS, *CANONICAL.values(), *map(str, Child.objects.all())}
    for model in (Region, Department, District, Province, Partner, School):
        for row in model.objects.values():
            words |= {value for value in row.values() if isinstance(value, str) and THAI.search(value)}
    for person in Person.objects.all():
        words |= {person.get_full_name(), person.first_name, person.last_name}
    return sorted(filter(None, words), key=len, reverse=True)


def left_in_thai(html: str, words: list[str]) -> list[str]:
    """What is Thai on an English page and no data."""
    left = []
    for text in said(html).said:
        bare = text.replace("\u2060", "")
        if THAI.search(bare):
            for word in words:
                bare = bare.replace(word, "")
        if THAI.search(bare):
            left.append(" ".join(text.split()))
    return left


def test_the_search_for_thai_finds_it_and_passes_over_data():
    html = (
        '<html lang="en"><p>Found ก</p><img alt="ข"><b lang="th">ไทย</b><br><i title="ค">กาฬสินธุ์ 3</i>'
        "<svg><rect/><title>ง</title></svg></html>"
    )
    assert left_in_thai(html, ["กาฬสินธุ์"]) == ["Found ก", "ข", "ค", "ง"]


@pytest.fixture
def world(cast, make_case, tmp_path, settings):
    """A case at each kind of stage, a list tried with refusals and another landed, a file asked for."""
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.EXPORT_DIR.mkdir()
    about = {
        "last_grade": "ป.6",
        "guardian_name": "บิดาสมมุติ",
        "guardian_phone": "0810000000",
        "house_no": "9",
        "moo": "4",
        "tambon_id": 460501,
        "amphoe_id": 4605,
        "province_id": 46,
    }
    cases = {
        "new": make_case(cast.own_school.district, category=Category.MISSED),
        "fresh": make_case(cast.own_school, national_id=make_synthetic_id(9001), **about),
        "found": make_case(cast.own_school, birth_date=bangkok_today() - timedelta(days=4000), **about),
        "heard": make_case(cast.own_school, listed_on=bangkok_today() - timedelta(days=3)),
        "back": make_case(cast.own_school, category=Category.NOT_LISTED),
        "moved": make_case(cast.own_school),
    }
    _visits(cast, cases)
    claim_enrolment(
        cases["back"],
        person=cast.teacher,
        route=EnrolmentRoute.HOME,
        where="โรงเรียนปลายทาง",
        at=bangkok_today(),
        grade="ป.6",
    )
    assign_case(cases["moved"], cast.sister_school, person=cast.district, reason=SITUATION)
    name_teacher(cases["found"], cast.teacher, person=cast.director)
    _listed(cast, cases)
    return cases


def _listed(cast, cases) -> None:
    """A list to check: one line answered, one open, one of a child who is gone."""
    made = ChildList.objects.create(name=LIST, owner="district:P4603", created_at=clock.now())
    about = {"as_of": bangkok_today(), "source_name": "a.xlsx", "sha256": "0", "by": cast.district}
    version = ListVersion.objects.create(list=made, number=2, unit="district:P4603", committed_at=clock.now(), **about)
    for row, (name, left) in enumerate((("fresh", None), ("found", None), ("heard", 2)), start=2):
        case = cases[name]
        entry = ListEntry.objects.create(
            list=made, child=case.child, case=case, joined=1, left=left, row=row, match_key=name, digest="0"
        )
        EntryChange.objects.create(
            version=version, entry=entry, kind="changed", before={"ประเภท": 1}, after={"ประเภท": 2}
        )
    first = ListEntry.objects.get(match_key="fresh").pk
    answer_lines(version, [first], person=cast.teacher, answer="not_ours", evidence=SITUATION)


def _visits(cast, cases) -> None:
    found = VisitContent(
        finding=Finding.FOUND,
        outcome=Outcome.RELOCATED,
        wish=Wish.WANTS,
        situation=SITUATION,
        met=MET,
        needs=tuple(need.value for need in Need),
        whereabouts=Whereabouts.IN_PROVINCE,
        unsafe=True,
    )
    heard = VisitContent(finding=Finding.HEARD_OF, mode=VisitMode.PHONE, situation=SITUATION)
    late = VisitContent(finding=Finding.NONE, mode=VisitMode.COMMUNITY, done=bangkok_today() - timedelta(days=2))
    for name, content in (("found", found), ("heard", heard), ("heard", late), ("back", found)):
        record_visit(cases[name], content, person=cast.teacher, uuid=uuid4())


def _imported(client: Client, tmp_path) -> None:
    """Two lists: one with a refused row and an unknown column, tried only; one landed, then tried changed."""
    rows = [child(1), child(2, วันเกิด="ช่องแปลก") | {"ช่องแปลก": "x"}]
    _run(client, xlsx(tmp_path / "refused.xlsx", rows))
    first = _run(client, xlsx(tmp_path / "landed.xlsx", [child(3), child(4)]))
    assert client.post(reverse("cases:import_commit", args=[first.pk])).status_code == 302
    jobs.run(Job.objects.latest("pk").pk)
    _run(client, xlsx(tmp_path / "changed.xlsx", [child(3, วันเกิด="16/05/2556")]))


def _run(client: Client, path) -> Job:
    file = SimpleUploadedFile(path.name, path.read_bytes())
    answer = client.post(reverse("cases:import_new"), {"file": file, "name": LIST})
    assert answer.status_code == 302, answer.context["form"].errors
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    return job


def _pages(client: Client) -> Iterator[tuple[str, str, str]]:
    """(route, address, html) of what a person reaches by links from the first page, at most ten of a route."""
    waiting, seen, times = ["/", "/privacy/"], set(), {}
    while waiting:
        url = waiting.pop(0)
        try:
            route = resolve(urlsplit(url).path).view_name
        except Resolver404:
            continue
        if url in seen or route in FILES or times.get(route, 0) >= 10:
            continue
        seen.add(url)
        times[route] = times.get(route, 0) + 1
        answer = client.get(url, follow=True)
        if answer.status_code == 404:  # a link of the frame to what this person has not
            continue
        assert answer.status_code == 200, url
        html = answer.content.decode()
        yield route, url, html
        here = answer.redirect_chain[-1][0] if answer.redirect_chain else url
        links = (link if link.startswith("/") else urlsplit(here).path + link for link in said(html).links)
        waiting += [link.partition("#")[0] for link in links if link.startswith("/") and not link.startswith("//")]


EVERYBODY = {"schools:account", "account_change_password", "schools:privacy", "cases:queue"}
CHECKING = {"cases:check_list", "cases:check_version", "cases:check_amend", "cases:check_duplicate"}
CASEWORK = EVERYBODY | {
    "cases:case_list",
    "cases:case_detail",
    "cases:visit_new",
    "reports:dashboard",
    "reports:children",
}
MAIN = {
    "teacher": CASEWORK | CHECKING | {"cases:enrolment_new"},
    "director": CASEWORK | {"cases:name_teacher", "cases:import_list", "schools:audit_list", "cases:hand_over"},
    "district": CASEWORK
    | {"cases:assign", "cases:import_list", "cases:import_detail", "reports:export_list"}
    | {"schools:people_list", "schools:person_new", "schools:posting_detail", "schools:people_upload_new"},
    "province": EVERYBODY | {"cases:case_list", "cases:case_detail", "reports:dashboard", "reports:children"},
    "department": EVERYBODY | {"cases:case_list", "reports:dashboard", "reports:export_list"},
    "ministry": EVERYBODY | {"reports:dashboard", "reports:export_list"},
    "partner": EVERYBODY,
    "auditor": EVERYBODY | {"schools:audit_list"},
    "admin": EVERYBODY | {"schools:people_list", "schools:posting_detail"},
    "charlie": EVERYBODY,
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", MAIN)
def test_every_page_a_person_reaches_is_english_where_it_is_not_data(cast, world, tmp_path, name):
    person = cast.people()[name]
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    if name == "district":
        _imported(client, tmp_path)
        exports.request_export(exports.Request(exports.LINE_LIST, "district:P4603", SITUATION * 2, ""), person=person)
    words, reached, left = data_words(), set(), []
    for route, url, html in _pages(client):
        assert '<html lang="en">' in html, url
        reached.add(route)
        left += [(url, words_left) for words_left in left_in_thai(html, words)]
    assert left == []
    assert reached >= MAIN[name], MAIN[name] - reached


@pytest.mark.django_db
def test_refusals_of_every_form_are_english(cast, world):
    client = Client(headers={"accept-language": "en"})
    client.post("/login/", {"login": "director", "password": PASSWORD})  # with the password fresh
    number = world["fresh"].number
    words, left = data_words(), []
    version = ListVersion.objects.get()
    line = ListEntry.objects.get(match_key="found").pk
    asked = {
        reverse("cases:visit_new", args=[number]): {"uuid": uuid4(), "done_on": "99/99/2565", "latitude": "16"},
        reverse("cases:enrolment_new", args=[number]): {"route": "school", "school_code": "1", "at": "x"},
        reverse("cases:name_teacher", args=[number]): {},
        reverse("cases:reveal", args=[number]): {"explanation": "x"},
        reverse("cases:import_new"): {"list_date": "x"},
        reverse("cases:check_lines", args=[version.pk]): {"line": line, "answer": "in_education", "confirmed": "1"},
        reverse("cases:check_amend", args=[version.pk, line]): {"first_name": "", "birth_date": "x"},
        reverse("cases:check_duplicate", args=[version.pk, line]): {},
        reverse("schools:person_new"): {"username": "ครู ไก่", "since": "x", "phone": "1", "role": "admin"},
        reverse("schools:people_upload_new"): {},
        reverse("schools:posting_change", args=[cast.teacher.postings.get().pk]): {"until": "99/99/2565"},
        reverse("schools:posting_end", args=[cast.teacher.postings.get().pk]): {"on": "1/1/2500"},
        reverse("reports:export_new"): {"kind": "workbook", "unit": "nation", "purpose": "x"},
        reverse("account_change_password"): {"oldpassword": "x", "password1": "12345678", "password2": "x"},
    }
    for url, data in asked.items():
        answer = client.post(url, data)
        assert answer.status_code in (200, 400, 403, 404), (url, answer.status_code)
        left += [(url, one) for one in left_in_thai(answer.content.decode(), words)]
    assert left == []


@pytest.mark.django_db
def test_pages_before_logging_in_are_english(settings, cast, client):
    settings.DEMO = True
    Person.objects.filter(username__in=["teacher", "admin"]).update(is_demo=True)
    words = data_words()
    asked = {"login": "teacher", "password": "wrong"}
    for answer in (
        client.get("/login/", headers={"accept-language": "en"}),
        client.post("/login/", asked, headers={"accept-language": "en"}),
    ):
        assert answer.status_code == 200
        assert left_in_thai(answer.content.decode(), words) == []


@pytest.mark.django_db
def test_the_switch_turns_the_page_to_english_and_back(cast, client):
    client.force_login(cast.teacher)
    assert "งานของฉัน" in client.get("/").content.decode()
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get("/").content.decode()
    assert "My work" in page
    assert "งานของฉัน" not in page
    client.post("/language/", {"language": "th", "next": "/"})
    assert "งานของฉัน" in client.get("/").content.decode()


@pytest.mark.django_db
def test_error_pages_say_the_same_in_english(cast, client):
    client.force_login(cast.teacher)
    page = client.get("/cases/nothing/", headers={"accept-language": "en"})
    assert page.status_code == 404
    spoken = [text.strip() for text in said(page.content.decode()).said if text.strip()]
    assert "My work" in spoken
    assert len(spoken) >= 3
    assert not any(map(THAI.search, spoken))
