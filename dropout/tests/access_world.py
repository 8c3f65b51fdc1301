"""A world in which everything could leak: the same things in six places, each marked with words of its place alone.

Owns what the walk of the access table (test_access.py) looks at: cases with visits, photos, lists and notes, imports
and exports of many people, events of the trail, a rollup. Every mark is a canary: where it may be read is typed in
access_table.py, never computed.
"""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from PIL import Image

from cases import closing, photos, referrals, routing, transfers
from cases import help as helping
from cases.checking import answer_lines
from cases.codes import Closing, Finding, Outcome, Sameness, Wish
from cases.duplicates import note_pair
from cases.enrolment import claim_enrolment
from cases.identity import make_synthetic_id, mask
from cases.intake import background
from cases.models import Case, CheckPicture, ChildList, Duplicate, EntryCheck, ListEntry, ListVersion, Request
from cases.tests.sheetmaker import child as sheet_row
from cases.tests.sheetmaker import xlsx
from cases.visits import VisitContent, record_visit
from dropout.testing import PEOPLE, SCHOOLS, _make_case, make_cast, make_schools
from reports import exports, rollup
from schools import audit, clock, invitations, jobs, people_import, people_upload
from schools.models import Job, JobFile, Partner, Person, Posting
from schools.thaitime import MONTHLY, Period, bangkok_today
from schools.units import unit_of

PLACES = ("own", "sister", "other_district", "secondary", "college", "other_province")
WORDS = dict(zip(PLACES, ("กุหลาบมอญ", "ชบาแก้ว", "ดาวเรืองทอง", "พุทธรักษ์", "ลีลาวดี", "หางนกยูง"), strict=True))
# who works there has words of their own: their names stand in the trail, which not only those read who see children
STAFF = dict(zip(PLACES, ("ไผ่เขียว", "สักทอง", "ยางนา", "ประดู่แดง", "ตะเคียนเงิน", "พะยูงดำ"), strict=True))
# who works in each place besides the cast: they import, export, visit and look
OFFICIALS = {
    "own": ("director", "school:46990001"),
    "sister": ("director", "school:46990002"),
    "other_district": ("district", "district:P4601"),
    "secondary": ("director", "school:46990004"),
    "college": ("director", "school:46990005"),
    "other_province": ("province", "province:30"),
}
EXPORTED = {  # whose files are really made: of which unit
    "director": "school:46990001",
    "district": "district:P4603",
    "province": "province:46",
    "department": "department:obec",
    "ministry": "nation",
}
WRITTEN = "สำหรับประชุมติดตาม"  # begins every purpose


@dataclass
class Place:
    """What stands in one place, and the marks by which it is known in a body."""

    case: Case
    waiting: Case
    national_id: str
    visit: object
    photo: object
    request: Request
    transfer: Request
    help: object
    referral: object
    person: tuple[str, ...]  # marks of the child: name, guardian, telephone, house, notes, masked number
    number: tuple[str, ...]
    version: ListVersion
    line: ListEntry
    proof: CheckPicture
    pair: Duplicate  # the two cases may be one child
    staff: tuple[str, ...] = ()
    job: tuple[str, ...] = ()


@dataclass
class Owned:
    """The jobs of one person: a finished dry run, one under way, an export with its file, a sheet of people in two."""

    check: Job
    waiting: Job
    export: Job
    file: JobFile
    people: Job
    invited: Job
    marks: tuple[str, ...]


@dataclass
class World:
    cast: object
    actors: dict[str, Person]
    places: dict[str, Place]
    mine: dict[str, Owned] = field(default_factory=dict)
    colleagues: dict[str, Owned] = field(default_factory=dict)
    theirs: dict[str, Owned] = field(default_factory=dict)
    teachers: dict[str, Person] = field(default_factory=dict)
    received: Case | None = None  # of a secondary school; its child is to return to the own school
    period: str = ""
    invited: Person | None = None  # invited to the own school, with this token in the link
    token: str = ""


@contextmanager
def standing_world(blocker) -> Iterator[World]:
    """The world, for a module of tests; nothing of it is left in the database afterwards.

    Each test ends by closing its connection, and the world's transaction would end with it: meanwhile nobody closes.
    """
    ours = connections["default"]
    with blocker.unblock(), transaction.atomic():
        ours.close = lambda: None
        try:
            yield build()
        finally:
            del ours.close
            transaction.set_rollback(True)


def build() -> World:
    cast = make_cast(make_schools())
    actors = {name: getattr(cast, name) for name in PEOPLE if not name.startswith(("south", "sister"))}
    actors |= {"charlie": cast.charlie, "former": former_director()}
    officials = {place: _official(place) for place in PLACES}
    world = World(cast, actors, {place: _place(n, place, cast, officials) for n, place in enumerate(PLACES, 1)})
    world.teachers = {place: Person.objects.get(username=f"teacher_{place}") for place in PLACES}
    world.received = claim_enrolment(
        _make_case(cast.secondary_school, name="รับกลับ สมมุติ"),
        person=world.teachers["secondary"],
        route="school",
        school=cast.own_school,
    )
    _looks(world, officials)
    done = invitations.invite(
        "invited", by=cast.district, first_name="ผู้ได้รับ", last_name="เชิญ", role="teacher", unit="school:46990001"
    )
    world.invited, world.token = done.person, done.token
    world.period = str(Period.containing(clock.now(), MONTHLY).previous())
    rollup.build(world.period)
    check = _real_check(officials["own"])
    for name in actors:
        posting = cast_posting(name)
        colleague = _person(f"colleague_{name}", "เพื่อน", f"ร่วมงาน{name}", *posting)
        world.mine[name] = _jobs(actors[name], posting[1], check, f"งานของฉัน-{name}.", exported=EXPORTED.get(name))
        world.colleagues[name] = _jobs(colleague, posting[1], check, f"งานเพื่อน-{name}.")
    for n, (place, official) in enumerate(officials.items()):
        world.theirs[place] = _jobs(official, OFFICIALS[place][1], check, f"งานลับที่{n}.", why=STAFF[place])
        world.places[place].job = world.theirs[place].marks
    return world


# ── people ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def cast_posting(name: str) -> tuple[str, str]:
    """(role, unit) of an actor; of those posted nowhere today, a director of their own school, long ago."""
    return PEOPLE[name][:2] if name in PEOPLE else ("director", "school:46990001")


def _person(username: str, first: str, last: str, role: str, unit: str) -> Person:
    person = Person.objects.create_user(username, "", first_name=first, last_name=last)
    Posting.objects.create(person=person, role=role, unit=unit, since=bangkok_today() - timedelta(days=400))
    return person


def former_director() -> Person:
    """Director of the very school until yesterday, and again from tomorrow: today nothing."""
    person = _person("former", "อดีต", "สมมุติผอ", "director", "school:46990001")
    today = bangkok_today()
    person.postings.update(until=today - timedelta(days=1))
    Posting.objects.create(person=person, role="director", unit="school:46990001", since=today + timedelta(days=1))
    return person


def _official(place: str) -> Person:
    return _person(f"official_{place}", "เจ้าหน้าที่", f"ประจำ{STAFF[place]}", *OFFICIALS[place])


# ── cases ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def dashed(number: str) -> str:
    return f"{number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]}-{number[12]}"


def _place(n: int, place: str, cast, officials) -> Place:
    word, school = WORDS[place], getattr(cast, f"{place}_school")
    number = make_synthetic_id(4_000_000 + 11 * n)
    phone, house = f"08199000{n}{n}", f"8{n}7/{n}9"
    case = _make_case(
        school.district,
        name=f"น้อง{word} สกุล{word}",
        national_id=number,
        birth_date=date(2012, n, 3),
        guardian_name=f"ยาย{word}",
        guardian_phone=phone,
        house_no=house,
        moo="3",
        lat=16.123451 + n,
        lon=103.543211 + n,
    )
    assigned(case, school, word)
    teacher = _person(f"teacher_{place}", "ครู", f"ผู้เยี่ยม{STAFF[place]}", "teacher", f"school:{SCHOOLS[place][0]}")
    director = _person(f"head_{place}", "ผอ", f"ผู้ดูแล{STAFF[place]}", "director", f"school:{SCHOOLS[place][0]}")
    routing.name_teacher(Case.objects.get(pk=case.pk), teacher, person=director)
    visit, _ = record_visit(
        Case.objects.get(pk=case.pk),
        VisitContent(
            finding=Finding.FOUND,
            outcome=Outcome.HEALTH,
            wish=Wish.WANTS,
            met=f"พบลุง{word}",
            situation=f"เรื่องเล่าของ{word}",
            next_step=f"พา{word}ไปโรงเรียน",
            lat=16.123451 + n,
            lon=103.543211 + n,
        ),
        person=teacher,
        uuid=uuid4(),
        pictures=[photos.take_in(_picture(n), "a.jpg")],
    )
    # Stood elsewhere before: in the district without a school, or, far away, in the very school that must forget it.
    waiting = _make_case(cast.own_school if place == "other_province" else school.district, name=f"หนู{word} สกุล{word}")
    assigned(waiting, school, word)
    case = Case.objects.get(pk=case.pk)
    waiting = Case.objects.get(pk=waiting.pk)
    version, line, proof = _checked(n, word, case, waiting, director)
    return Place(
        case,
        waiting,
        number,
        visit,
        visit.photos.get(),
        _asked(Case.objects.get(pk=waiting.pk), n, word, teacher),
        _transferred(Case.objects.get(pk=waiting.pk), word, teacher),
        _help(case, word, teacher),
        _referral(place, case, word, director, cast.partner),
        person=(word, phone, house, mask(number), f"{16.123451 + n}", number, dashed(number)),
        number=(case.number, waiting.number),
        version=version,
        line=line,
        proof=proof,
        pair=note_pair(case, waiting, Sameness.NAME_BIRTH),
        staff=(STAFF[place],),
    )


def _asked(case: Case, n: int, word: str, teacher: Person) -> Request:
    """The teacher asks the district to close the other case, with words and a picture that name the child."""
    return closing.request_closing(
        case,
        person=teacher,
        why=Closing.IN_EDUCATION,
        reason=f"ครูใหญ่บอกว่า{word}เรียนอยู่แล้ว",
        pictures=[photos.take_in(_picture(n), "a.jpg")],
    )


def _transferred(case: Case, word: str, teacher: Person) -> Request:
    """The teacher asks the district to take the other case back."""
    district = str(unit_of(case.school.district))
    return transfers.request_transfer(case, person=teacher, to=district, reason=f"{word}ไม่ได้เรียนที่นี่")


def _help(case: Case, word: str, teacher: Person):
    said = {"what": f"หาชุดให้{word}", "need": "uniform", "who": f"ครูของ{word}", "due_on": bangkok_today()}
    return helping.plan_help(case, person=teacher, **said)


def _referral(place: str, case: Case, word: str, director: Person, partner: Person):
    """Of own live at the partner of the cast, of sister over there; the others are at another agency."""
    at_ours = place in ("own", "sister")
    referral = referrals.refer(
        Case.objects.get(pk=case.pk),
        person=director,
        partner=Partner.objects.get(code="eef" if at_ours else "moph"),
        purpose="ขอทุนการศึกษาให้เด็กเรียนต่อ" if place == "own" else f"ขอให้ช่วยเหลือ{word}",
        basis="consent",
        basis_note=f"ยาย{word}ยินยอมด้วยวาจา",
        shares=["age"] if place == "own" else ["name", "age", "phone", "address"],
        due_on=bangkok_today(),
    )
    if place == "sister":
        referrals.answer(referral, person=partner, answer="done", text=f"ช่วย{word}แล้ว")
    return referral


def _checked(n: int, word: str, case: Case, waiting: Case, director: Person):
    """A list of both children; the second's line is answered, with words and a picture."""
    owner = f"school:{case.school.code}"
    made = ChildList.objects.create(name="บัญชีให้ตรวจ", owner=owner, created_at=clock.now())
    about = {"as_of": bangkok_today(), "source_name": "a.xlsx", "sha256": "0", "by": director, "unit": owner}
    version = ListVersion.objects.create(list=made, number=1, committed_at=clock.now(), **about)
    entries = [
        ListEntry.objects.create(
            list=made, child=one.child, case=one, joined=1, row=row, match_key=f"{n}{row}", digest="0"
        )
        for row, one in enumerate((case, waiting), start=2)
    ]
    said = {"answer": "correct", "evidence": f"ครูของ{word}ยืนยัน", "pictures": [photos.take_in(_picture(n), "a.jpg")]}
    answer_lines(version, [entries[1].pk], person=director, **said)
    return version, entries[0], EntryCheck.objects.get(entry=entries[1]).picture


def assigned(case: Case, school, word: str) -> None:
    """The department's or ministry's officer writes a reason; it names the child, as reasons do."""
    code = school.district.department.code
    officer = Person.objects.filter(username=f"officer_{code}").first() or _person(
        f"officer_{code}", "นาย", "ส่วนกลาง", "department", f"department:{code}"
    )
    routing.assign_case(case, school, person=officer, reason=f"ผู้ปกครองของ{word}ย้ายบ้าน")


def _picture(n: int) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40 + n, 30), (n * 30, 90, 120)).save(out, "JPEG")
    out.seek(0)
    return out


def _looks(world: World, officials) -> None:
    """In each place its official looked at the case: an event of the trail with a reason."""
    for place, here in world.places.items():
        reason = f"เปิดดูเพื่อตรวจเอกสาร{STAFF[place]}"
        audit.record(
            audit.REVEAL_ID, person=officials[place], object_kind="case", object_key=here.case.number, reason=reason
        )


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _real_check(person: Person) -> Job:
    """A dry run as the product makes it, with a refused row, an unknown heading and the answer files."""
    path = settings.UPLOAD_DIR / f"{secrets.token_hex(8)}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [sheet_row(1), sheet_row(2, วันเกิด="31/02/2555")]
    xlsx(path, rows, headings=[*rows[0], "หัวแปลก"])
    job = background.start_check(person, SimpleUploadedFile("รายชื่อ.xlsx", path.read_bytes()), name="บัญชี")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error_en
    return job


def _jobs(person: Person, unit: str, check: Job, mark: str, *, why: str = "", exported: str | None = None) -> Owned:
    """Jobs of `person`: the dry run is a copy of a real one under names of its own; the export is made where it can."""
    posting = person.postings.order_by("pk").first()
    about = {"by": person, "posting": posting, "unit": unit, "created_at": clock.now()}
    told = check.result | {"refused_names": dict.fromkeys(check.result["refused_names"], mark)}
    copy = Job.objects.create(
        kind=check.kind,
        state=Job.State.DONE,
        params=check.params | {"list": f"บัญชี {mark}"},
        result=told,
        started_at=clock.now(),
        finished_at=clock.now(),
        **about,
    )
    for file in check.files.all():
        stored = background.stored(file).read_bytes()
        _keep(copy, file.folder, file.role, f"{mark}.xlsx", stored, sha256=file.sha256)
    waiting = Job.objects.create(kind=check.kind, params=copy.params, **about)
    _keep(waiting, JobFile.Folder.UPLOAD, "source", f"{mark}-ใหม่.xlsx", b"PK")
    export = _export(person, about, mark, f"{WRITTEN} {why}".strip(), exported)
    return Owned(copy, waiting, export, export.files.get(), *_people(about, mark), (mark,))


def _people(about: dict, mark: str) -> tuple[Job, Job]:
    """A checked sheet of people without a refused row, and one taken in whose links are still to be fetched."""
    ended = {"state": Job.State.DONE, "finished_at": clock.now()} | about
    counts = dict.fromkeys(people_import.COUNTED, 0) | {"rows": 1, "new": 1}
    told = {"counts": counts, "refusals": []}
    checked = Job.objects.create(kind=people_upload.CHECK, params={"host": "http://testserver"}, result=told, **ended)
    _keep(checked, JobFile.Folder.UPLOAD, "source", f"{mark}-คน.xlsx", b"PK")
    landed = Job.objects.create(kind=people_upload.COMMIT, params={"check": 0}, result=told, **ended)
    _keep(landed, JobFile.Folder.EXPORT, "links", f"{mark}-ลิงก์.xlsx", mark.encode(), rows=1)
    return checked, landed


def _export(person: Person, about: dict, mark: str, purpose: str, unit: str | None) -> Job:
    if unit is not None:
        asked = exports.Request(exports.LINE_LIST, unit, purpose)
        job = exports.request_export(asked, person=person)
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error_en
        return job
    params = exports.Request(exports.LINE_LIST, about["unit"] or "nation", purpose).params()
    job = Job.objects.create(kind=exports.LINE_LIST, state=Job.State.DONE, params=params, **about)
    _keep(job, JobFile.Folder.EXPORT, "line_list", f"{mark}.xlsx", mark.encode(), rows=1)
    audit.record("export_asked", person=person, object_kind="job", object_key=str(job.pk), reason=purpose)
    return job


def _keep(job: Job, folder: str, role: str, name: str, content: bytes, **more) -> None:
    path = secrets.token_hex(16)
    base = settings.UPLOAD_DIR if folder == JobFile.Folder.UPLOAD else settings.EXPORT_DIR
    base.mkdir(parents=True, exist_ok=True)
    (base / path).write_bytes(content)
    JobFile.objects.create(
        job=job,
        folder=folder,
        role=role,
        path=path,
        name=name,
        content_type=exports.XLSX,
        size=len(content),
        expires_at=clock.now() + timedelta(hours=20),
        **more,
    )
