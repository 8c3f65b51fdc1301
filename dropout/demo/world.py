"""The three scales of the demo world, each made by the roads an office would take."""

import random
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from cases.identity import make_synthetic_id
from dropout.demo import lives as older
from dropout.demo.children import follow_up, make_child, write_list
from dropout.demo.intake import take_in
from dropout.demo.nation import import_national_schools, national_rows
from dropout.demo.places import Staff, home_of, import_schools
from dropout.demo.replay import Pace, Replay
from schools import clock
from schools.invitations import invite
from schools.models import Person, School
from schools.refusal import Refusal
from schools.thaitime import bangkok_date, thai_date

DEMO_LOGINS = (  # username = role
    ("teacher", "school:46990001"),
    ("director", "school:46990001"),
    ("district", "district:P4603"),
    ("province", "province:46"),
    ("department", "department:obec"),
    ("ministry", "nation"),
    ("partner", "partner:eef"),
    ("auditor", "nation"),
    ("admin", "nation"),
)
DAYS = 150
BEFORE = 180  # days by which the older list came earlier: its children are followed up for 240 days


class DemoRefused(Refusal):
    """The demo world may not be made here; both messages say why."""


class Lists:
    """Writes lists of fictional children and takes them in, each as the officer who would."""

    def __init__(self, rng: random.Random, folder: Path):
        self.rng, self.folder, self.serial, self.kept = rng, folder, 0, {}

    def rows(self, schools: list[School], count: int, category: str, today: date, *, unknown: float = 0.0):
        """`count` children skewed over `schools` (the first has most); a share `unknown` names no school."""
        weights = [1 / (rank + 2) for rank in range(len(schools))]
        made = []
        for school in self.rng.choices(schools, weights=weights, k=count):
            self.serial += 1
            home = home_of(school, self.rng, known=self.rng.random() >= unknown)
            made.append(make_child(self.rng, self.serial, home, category, today))
        return made

    def issue(self, name: str, rows: list[dict[str, str]], person: Person) -> None:
        """One issue of a list, dated today by the clock, imported and committed as `person`."""
        today = bangkok_date(clock.now())
        path = self.folder / f"{len(self.kept)}-{today.isoformat()}.csv"
        write_list(path, rows, thai_date(today, "full", plain=True))
        take_in(path, name=name, person=person)
        self.kept[name] = rows

    def reissue(self, name: str, person: Person, *, gone: int, fresh: list[dict[str, str]]) -> None:
        """The same list a few months on: some are gone, some new, one in fifteen has another grade."""
        rows = [dict(row) for row in self.kept[name][gone:]]
        for row in self.rng.sample(rows, len(rows) // 15):
            row["ชั้นล่าสุด"] = "ม.1" if row["ชั้นล่าสุด"] == "ป.6" else row["ชั้นล่าสุด"]
            row["บ้านเลขที่"] = str(self.rng.randint(1, 240))
        self.issue(name, rows + fresh, person)


def seed(scale: str, number: int, say=print) -> None:
    """Make the demo world once. Raises DemoRefused without DEMO=1 or where there are people already."""
    if not settings.DEMO:
        raise DemoRefused("โลกสาธิตสร้างได้เฉพาะเมื่อตั้ง DEMO=1", "The demo world can be made only while DEMO=1.")
    if Person.objects.exists():
        raise DemoRefused(
            "มีผู้ใช้อยู่แล้ว โลกสาธิตสร้างได้เฉพาะในฐานข้อมูลว่าง", "There are people already; the demo needs an empty database."
        )
    rng = random.Random(number)  # noqa: S311 - fiction, not secrets
    with tempfile.TemporaryDirectory() as folder:
        lists = Lists(rng, Path(folder))
        SCALES[scale](rng, lists, say)


def _people(staff: Staff) -> dict[str, Person]:
    return {role: staff.person(role, role, unit, login=True) for role, unit in DEMO_LOGINS}


def _morning(days_ago: int) -> datetime:
    return (clock.now() - timedelta(days=days_ago)).replace(hour=3, minute=15, second=0, microsecond=0)


def small(rng: random.Random, lists: Lists, say) -> None:
    """Two provinces, about four hundred children at every stage that exists, five months of work, one slow district.

    An older list tells whole lives (dropout.demo.lives).
    """
    import_schools(["46", "81"])
    staff = Staff(rng)
    people = _people(staff)
    staff.made["teacher.46990001"], staff.made["director.46990001"] = people["teacher"], people["director"]
    krabi = staff.person("officer.p8101", "district", "district:P8101")
    secondary = staff.person("officer.s4601", "district", "district:S4601")
    staff.person("officer.p4601", "district", "district:P4601")
    schools = {
        code: list(School.objects.filter(district__code=code).select_related("amphoe", "tambon", "province")[:count])
        for code, count in (("P4603", 14), ("P8101", 10), ("S4601", 4), ("P4601", 5))
    }
    start = _morning(DAYS)
    today = bangkok_date(start)
    main = lists.rows(schools["P4603"], 130, "ออกกลางคัน", today, unknown=0.12)
    new = lists.rows(schools["P4603"], 16, "ออกกลางคัน", today)
    south = lists.rows(schools["P8101"], 90, "ออกกลางคัน", today, unknown=0.15)
    south[:30] = [follow_up(rng, row, today - timedelta(days=rng.randint(10, 60))) for row in south[:30]]
    missed = lists.rows(schools["P4603"] + schools["P8101"] + schools["P4601"], 110, "ตกหล่น", today, unknown=0.45)
    waiting = lists.rows(schools["P4603"], 22, "ตกหล่น", today, unknown=1.0)
    teens = lists.rows(schools["S4601"], 40, "ออกกลางคัน", today)
    lives, told = _older_lives(lists.folder, people)
    pace = {"P8101": Pace(assign=0.08, visit=0.012, claim=0.008)}
    replay = Replay(rng, staff, pace, apart=lives.cases)
    events = {
        0: [
            lambda: lists.issue("บัญชีเด็กออกกลางคัน สพฐ. 1/2569", main, people["district"]),
        ],
        3: [lambda: lists.issue("บัญชีเด็กออกกลางคัน กระบี่ 1/2569", south, krabi)],
        12: [
            lambda: lists.issue("บัญชีเด็กตกหล่น ทร.14 ปี 2569", missed, people["department"]),
        ],
        20: [
            lambda: lists.issue("บัญชีเด็กออกกลางคัน สพม. 1/2569", teens, secondary),
        ],
        100: [
            lambda: lists.reissue("บัญชีเด็กออกกลางคัน สพฐ. 1/2569", people["district"], gone=5, fresh=new),
        ],
        # of yesterday: some of them still wait for a school when the newcomer logs in as their officer
        DAYS - 1: [
            lambda: lists.issue("บัญชีเด็กไม่มีรายชื่อในโรงเรียน สพป.", waiting, people["district"]),
        ],
    }
    for day, acts in events.items():
        told.setdefault(BEFORE + day, []).extend(acts)
    replay.run(_morning(DAYS + BEFORE), clock.now() - timedelta(hours=6), told)
    invite(
        "new.teacher.46990001",
        role="teacher",
        unit="school:46990001",
        by=people["director"],
        first_name="น.ส.ปาริชาต",
        last_name="แสงทอง",
    )
    say(f"{lists.serial} children, {replay.visits} visits in {DAYS} days")


def _older_lives(folder: Path, people: dict[str, Person]) -> tuple[older.Lives, dict[int, list]]:
    """The children of an older list and their calendar, day 0 the first; the two lists come on its first days."""
    rng = random.Random(1)  # noqa: S311 - fiction; of its own, so that the other children stay as they were
    lists, school = Lists(rng, folder), School.objects.get(code="46990001")
    lists.serial = 9000
    today = bangkok_date(_morning(DAYS + BEFORE))
    rows = lists.rows([school], older.CHILDREN, "ออกกลางคัน", today)
    for serial, row in enumerate(rows, start=9001):
        row["เลขประจำตัวประชาชน"] = make_synthetic_id(serial)
    again = older.twins(rows[:3], [make_synthetic_id(9101 + number) for number in range(3)])
    lives = older.Lives(rng, people, people["district"], school)
    first = {
        0: [lambda: lists.issue(older.NAME, rows, people["district"]), lives.listed],
        2: [lambda: lists.issue(older.AGAIN, again, people["district"]), lives.listed],
    }
    return lives, older.calendar(lives) | first


def district(rng: random.Random, lists: Lists, say) -> None:
    """One full สพป. with 4,000 cases, one in three followed up already by an older sheet."""
    import_schools(["46"])
    staff = Staff(rng)
    people = _people(staff)
    schools = list(School.objects.filter(district__code="P4603").select_related("amphoe", "tambon", "province"))
    today = bangkok_date(clock.now())
    with clock.simulated(_morning(60)):
        listed = today - timedelta(days=60)
        rows = [
            follow_up(rng, row, listed - timedelta(days=rng.randint(1, 90))) if rng.random() < 1 / 3 else row
            for row in lists.rows(schools, 4000, "ออกกลางคัน", listed, unknown=0.05)
        ]
        lists.issue("บัญชีเด็กออกกลางคัน สพฐ. 1/2569", rows, people["district"])
    say(f"{lists.serial} children in one district")


def nation(rng: random.Random, lists: Lists, say) -> None:
    """1,025,514 children over some 32,000 schools with the published skew, as lists through the same intake."""
    staff = Staff(rng)
    schools = import_national_schools(say)
    people = _people(staff)
    path = lists.folder / "nation.csv"
    as_of = thai_date(bangkok_date(clock.now()), "full", plain=True)
    # Windows-874, as Excel in Thailand saves it: a third of UTF-8's size, else the file is larger than a list may be.
    count = write_list(path, national_rows(rng, schools), as_of, encoding="cp874")
    say(f"{count} rows written; importing")
    take_in(path, name="บัญชี Thailand Zero Dropout", person=people["ministry"])


SCALES = {"small": small, "district": district, "nation": nation}
