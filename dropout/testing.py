"""Fixtures for the tests of all apps: the real reference facts in every test database, and the cast.

The cast is one person per role in the north (กาฬสินธุ์), their twins in the south (กระบี่) so that there is always
something that could leak, and Charlie, who is active and posted nowhere.
"""

from dataclasses import dataclass
from datetime import date

import pytest
from django.core.management import call_command

NORTH, OTHER, SOUTH = 46, 30, 81  # กาฬสินธุ์ (region 12), นครราชสีมา (13), กระบี่ (6)
PASSWORD = "แมวสามตัวข้ามถนน 17"
SINCE = date(2021, 1, 1)

# code, name, district, amphoe, tambon. Synthetic codes: PP99nnnn.
SCHOOLS = {
    "own": ("46990001", "โรงเรียนบ้านทุ่งสมมุติ", "P4603", 4605, 460501),
    "sister": ("46990002", "โรงเรียนบ้านดอนสมมุติ", "P4603", 4605, 460502),
    "other_district": ("46990003", "โรงเรียนเมืองสมมุติ", "P4601", 4601, 460101),
    "secondary": ("46990004", "โรงเรียนสมมุติพิทยาคม", "S4601", 4605, 460501),
    "college": ("46990005", "วิทยาลัยเทคนิคสมมุติ", "V4601", 4601, 460101),
    "other_province": ("30990001", "โรงเรียนบ้านโคกสมมุติ", "P3001", 3001, 300101),
    "south": ("81990001", "โรงเรียนบ้านเกาะสมมุติ", "P8101", 8101, 810101),
}
# attribute → (role, unit, first name, last name). The twins stand elsewhere along both trees.
PEOPLE = {
    "teacher": ("teacher", "school:46990001", "กมล", "สมมุติครู"),
    "sister_teacher": ("teacher", "school:46990002", "ขวัญใจ", "สมมุติครู"),
    "director": ("director", "school:46990001", "คณิต", "สมมุติผอ"),
    "district": ("district", "district:P4603", "จันทร์", "สมมุติเขต"),
    "province": ("province", "province:46", "ชลิต", "สมมุติจังหวัด"),
    "department": ("department", "department:obec", "ดารา", "สมมุติกรม"),
    "ministry": ("ministry", "nation", "ธานี", "สมมุติกระทรวง"),
    "partner": ("partner", "partner:eef", "นิดา", "สมมุติภาคี"),
    "auditor": ("auditor", "nation", "บุญมี", "สมมุติตรวจ"),
    "admin": ("admin", "nation", "ปรีชา", "สมมุติระบบ"),
    "south_teacher": ("teacher", "school:81990001", "พร", "สมมุติใต้"),
    "south_director": ("director", "school:81990001", "มานะ", "สมมุติใต้"),
    "south_district": ("district", "district:P8101", "รัตนา", "สมมุติใต้"),
    "south_province": ("province", "province:81", "ลลิตา", "สมมุติใต้"),
    "south_department": ("department", "department:ovec", "วันดี", "สมมุติใต้"),
    "south_ministry": ("ministry", "region:6", "ศักดิ์", "สมมุติใต้"),
    "south_partner": ("partner", "partner:moph", "สุดา", "สมมุติใต้"),
    "south_auditor": ("auditor", "province:81", "อรุณ", "สมมุติใต้"),
}


@dataclass
class Cast:
    """The people and schools by the names of PEOPLE and SCHOOLS; schools end in `_school`."""

    own_school: object
    sister_school: object
    other_district_school: object
    secondary_school: object
    college_school: object
    other_province_school: object
    south_school: object
    teacher: object
    sister_teacher: object
    director: object
    district: object
    province: object
    department: object
    ministry: object
    partner: object
    auditor: object
    admin: object
    south_teacher: object
    south_director: object
    south_district: object
    south_province: object
    south_department: object
    south_ministry: object
    south_partner: object
    south_auditor: object
    charlie: object

    def people(self) -> dict[str, object]:
        """Everybody by name, Charlie included."""
        return {name: getattr(self, name) for name in (*PEOPLE, "charlie")}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database with the reference facts, loaded once per worker."""
    with django_db_blocker.unblock():
        call_command("load_reference", verbosity=0)


@pytest.fixture
def reference_world(db):
    """The reference facts stand. Needed by name only in transactional tests, after which tables are emptied."""
    from schools.models import Region

    if not Region.objects.exists():
        call_command("load_reference", verbosity=0)


@pytest.fixture
def schools(reference_world) -> dict[str, object]:
    """The schools of the cast by the keys of SCHOOLS."""
    return make_schools()


def make_schools() -> dict[str, object]:
    """The same for whoever builds a world that outlives one test."""
    from schools.models import District, School
    from schools.school_index import school_key
    from schools.thaitext import sort_key

    districts = District.objects.in_bulk([row[2] for row in SCHOOLS.values()], field_name="code")
    made = School.objects.bulk_create(
        School(
            code=code,
            name_th=name,
            search=school_key(name),
            sort_key=sort_key(name),
            district=districts[district],
            province_id=amphoe // 100,
            amphoe_id=amphoe,
            tambon_id=tambon,
        )
        for code, name, district, amphoe, tambon in SCHOOLS.values()
    )
    return dict(zip(SCHOOLS, made, strict=True))


@pytest.fixture
def cast(schools) -> Cast:
    """Everybody and their schools. Passwords are PASSWORD; `client.force_login(cast.teacher)` is quicker."""
    return make_cast(schools)


def make_cast(schools: dict[str, object]) -> Cast:
    """The same for whoever builds a world that outlives one test."""
    from schools.models import Person
    from schools.people import create_person

    people = {
        name: create_person(
            name, role=role, unit=unit, first_name=first, last_name=last, password=PASSWORD, since=SINCE
        ).person
        for name, (role, unit, first, last) in PEOPLE.items()
    }
    charlie = Person.objects.create_user("charlie", PASSWORD, first_name="ชาลี", last_name="สมมุติไร้ตำแหน่ง")
    return Cast(**{f"{name}_school": school for name, school in schools.items()}, **people, charlie=charlie)


@pytest.fixture
def make_case(db):
    """make_case(school, …) → an open case of a fictional child, by the domain functions.

    `place`: a School, or a District for a case nobody has routed. Keyword `listed_on`: a Bangkok date, default 30 days
    ago; `name`: first and last name; `national_id`: a synthetic one to register.
    """
    return _make_case


def _make_case(place, *, name="น้องสมมุติ ทดสอบ", category=None, listed_on=None, national_id="", **child_fields):
    from datetime import timedelta

    from cases.codes import Category, FactKind
    from cases.identity import blind_index, mask, seal
    from cases.lifecycle import open_case
    from cases.models import Child, Fact, Identifier
    from schools import clock
    from schools.models import School
    from schools.thaitext import name_key, search_key, sort_key
    from schools.thaitime import bangkok_today

    first, _, last = name.partition(" ")
    child = Child.objects.create(
        title=child_fields.pop("title", "ด.ช."),
        first_name=first,
        last_name=last,
        sort_key=sort_key(f"{first} {last}"),
        search=search_key(f"{first} {last}"),
        name_key=name_key(first, last),
        created_at=clock.now(),
        **child_fields,
    )
    if national_id:
        Identifier.objects.create(
            child=child,
            kind=Identifier.Kind.NATIONAL_ID,
            sealed=seal(national_id),
            index=blind_index("national_id", national_id),
            masked=mask(national_id),
            since=clock.now(),
        )
    school = place if isinstance(place, School) else None
    district = place.district if school else place
    opening = Fact(
        kind=FactKind.LISTED,
        at=listed_on or bangkok_today() - timedelta(days=30),
        unit=f"district:{district.code}",
        category=category or Category.DROPOUT,
        school=school,
        district=district,
        province_id=school.province_id if school else district.seat_id,
        department_id=district.department_id,
    )
    return open_case(child, opening)
