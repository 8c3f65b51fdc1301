"""A small country for the tests of the guard: two districts, two schools each side, and whoever is asked for."""

from datetime import UTC, date, datetime

from schools.models import Amphoe, Department, District, Person, Posting, Province, Region, School

PASSWORD = "ม้าลายสีฟ้า เดินเล่น 9 ตัว"


def make_country() -> dict:
    """Units by short names: provinces `north`, `south`; districts and schools under the same names."""
    obec = Department.objects.create(id=1, code="obec", abbr_th="สพฐ.", name_th="สพฐ.", name_en="OBEC")
    units = {"obec": obec}
    for side, number, code in (("north", 57, "57990001"), ("south", 90, "90990001")):
        region = Region.objects.create(id=number % 18 + 1, name_th=f"เขตตรวจราชการ {side}")
        province = Province.objects.create(
            id=number,
            name_th=f"จังหวัด {side}",
            name_en=side,
            abbr_th=side[:2],
            sort_key=side,
            region=region,
            lat=1,
            lon=1,
        )
        amphoe = Amphoe.objects.create(id=number * 100 + 1, name_th="เมือง", name_en="Mueang", province=province)
        district = District.objects.create(
            code=f"P{number}01",
            kind=District.Kind.OBEC_PRIMARY,
            name_th=f"สพป. {side} เขต 1",
            full_name_th=f"สพป. {side} เขต 1",
            department=obec,
            seat=province,
        )
        district.provinces.add(province)
        school = School.objects.create(
            code=code, name_th=f"โรงเรียน {side}", search=side, sort_key=side, district=district, province=province,
            amphoe=amphoe,
        )  # fmt: skip
        units |= {f"region_{side}": region, f"province_{side}": province, f"district_{side}": district, side: school}
    return units


def make_person(username: str, role: str = "", unit: str = "", **fields) -> Person:
    """An active person with PASSWORD and, if `role` is given, a posting since long ago."""
    names = {"first_name": "สมมุติ", "last_name": username} | fields
    person = Person.objects.create_user(username, PASSWORD, date_joined=datetime(2022, 1, 1, tzinfo=UTC), **names)
    if role:
        Posting.objects.create(person=person, role=role, unit=unit, since=date(2022, 1, 1))
    return person


def log_in(client, username: str, password: str = PASSWORD, **headers):
    """Posts the log-in form as a browser would."""
    return client.post("/login/", {"login": username, "password": password}, **headers)
