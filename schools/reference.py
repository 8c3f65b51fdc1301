"""Loads the facts of data/ (units of both trees, partners), and makes the units the facts do not list: trays and
offices of other affiliations.

The only writer of regions, departments, provinces, amphoes, tambons, districts and partners. Loading is idempotent:
only a fact that is new or changed is written; a row no longer in the files is kept, for cases and postings name it.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from schools.models import Amphoe, Department, District, Partner, Province, Region, Tambon
from schools.refusal import Refusal
from schools.thaitext import sort_key

DATA = Path(settings.BASE_DIR) / "data"
BATCH = 500

# By the first letter of the code (PRODUCT §1): ศธจ. stands under สช., whose private schools it oversees.
DEPARTMENT_OF_LETTER = {"P": "obec", "S": "obec", "E": "obec", "V": "ovec", "N": "dole", "R": "opec", "O": "opec"}
KIND_OF_LETTER = {
    "P": District.Kind.OBEC_PRIMARY,
    "S": District.Kind.OBEC_SECONDARY,
    "E": District.Kind.SPECIAL_EDUCATION_CENTER,
    "V": District.Kind.OVEC_PROVINCIAL,
    "N": District.Kind.DOLE_PROVINCIAL,
    "R": District.Kind.OPEC_PROVINCIAL,
    "O": District.Kind.MOE_PROVINCIAL,
}
# What must be true of the files (seeds 003 and 004, PRODUCT §1); otherwise nothing is loaded.
COUNTS = {
    "affiliations.csv": 17,
    "provinces.csv": 77,
    "amphoes.csv": 928,
    "tambons.csv": 7_436,
    "districts.csv": 559,
}
# The columns read here, and whether they are text or numbers; the files have more.
COLUMNS: dict[str, dict[str, type]] = {
    "affiliations.csv": {"code": str, "abbr_th": str, "name_th": str, "name_en": str, "role": str},
    "provinces.csv": {"province_code": int, "name_th": str, "name_en": str, "abbr_th": str, "lat": float, "lon": float}
    | {"moe_inspection_region_no": str, "moe_inspection_region_th": str},
    "amphoes.csv": {"amphoe_code": int, "name_th": str, "name_en": str, "province_code": int},
    "tambons.csv": {"tambon_code": int, "name_th": str, "name_en": str, "amphoe_code": int, "postal_code": str},
    "districts.csv": {"code": str, "kind": str, "short_name_th": str, "full_name_th": str, "full_name_en": str}
    | {"seat_province_code": int, "province_codes": str},
    "partners.csv": {"code": str, "name_th": str, "name_en": str},
}
PRIMARY, SECONDARY = 183, 62
PRIMARY_OF_REGION_13 = {"36": 3, "30": 7, "31": 4, "32": 3}  # ชัยภูมิ นครราชสีมา บุรีรัมย์ สุรินทร์
REGIONS = 19


class InconsistentFacts(Refusal):
    """The files of data/ do not fit together; nothing was loaded. Says which file and what, in Thai and English."""


class Changes(NamedTuple):
    """What loading one table did, in rows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


Rows = list[dict[str, str]]


def load_reference(folder: Path = DATA) -> dict[str, Changes]:
    """Bring the tables in line with the files of `folder`, in one transaction; the changes by table name.

    A second run changes nothing. Raises InconsistentFacts before anything is written.
    """
    facts = {name: _read(folder / name) for name in COLUMNS}
    _check_counts(facts)
    _check_references(facts)
    with transaction.atomic():
        return {
            "region": _upsert(Region, _regions(facts["provinces.csv"])),
            "department": _upsert(Department, _departments(facts["affiliations.csv"])),
            "province": _upsert(Province, _provinces(facts["provinces.csv"])),
            "amphoe": _upsert(Amphoe, _amphoes(facts["amphoes.csv"])),
            "tambon": _upsert(Tambon, _tambons(facts["tambons.csv"])),
            "district": _load_districts(facts["districts.csv"]),
            "tray": _load_trays(),
            "partner": _upsert(Partner, _partners(facts), key="code", kept=("is_active",)),
        }


def tray_code(province_id: int, department_code: str) -> str:
    return f"{province_id:02d}-{department_code}"


def generated_code(province_id: int, department_code: str) -> str:
    return f"X{tray_code(province_id, department_code)}"


def tray_of(province: Province, department: Department) -> District:
    """The tray ยังไม่ระบุหน่วยงาน of a province and department, made when it is first needed."""
    return _made(_tray(province, department))


def generated_office(province: Province, department: Department) -> District:
    """The office of an affiliation without offices of its own (อปท., ตชด. …) in a province; made when needed."""
    return _made(
        District(
            code=generated_code(province.pk, department.code),
            kind=District.Kind.GENERATED,
            name_th=f"{department.abbr_th} จังหวัด{province.name_th}",
            full_name_th=f"{department.name_th} จังหวัด{province.name_th}",
            name_en=f"{department.name_en}, {province.name_en}",
            department=department,
            seat=province,
        )
    )


def _tray(province: Province, department: Department) -> District:
    name = f"ยังไม่ระบุหน่วยงาน จังหวัด{province.name_th} ({department.abbr_th})"
    return District(
        code=tray_code(province.pk, department.code),
        kind=District.Kind.TRAY,
        name_th=name,
        full_name_th=name,
        name_en=f"Not yet placed, {province.name_en} ({department.name_en})",
        department=department,
        seat=province,
    )


def _made(wanted: District) -> District:
    """The stored district of that code, or `wanted` stored; two at once make one."""
    fields = {name: getattr(wanted, name) for name in ("kind", "name_th", "full_name_th", "name_en")}
    with transaction.atomic():
        district, created = District.objects.get_or_create(
            code=wanted.code, defaults={**fields, "department": wanted.department, "seat": wanted.seat}
        )
        if created:
            district.provinces.add(wanted.seat)
    return district


# ── the files ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _read(path: Path) -> Rows:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = [{key: (value or "").strip() for key, value in row.items() if key} for row in csv.DictReader(handle)]
    except FileNotFoundError:
        raise InconsistentFacts(f"ไม่พบแฟ้ม {path.name}", f"The file {path.name} is missing.") from None
    for number, row in enumerate(rows, start=2):
        for column, kind in COLUMNS[path.name].items():
            try:
                kind(row[column])
            except (KeyError, ValueError):
                raise InconsistentFacts(
                    f"แฟ้มข้อมูลอ้างอิงไม่ถูกต้อง: {path.name} แถว {number} คอลัมน์ {column} ใช้ไม่ได้ ยังไม่ได้นำเข้าข้อมูลใด ๆ",
                    f"{path.name}, row {number}: the column {column} cannot be used. Nothing was loaded.",
                ) from None
    return rows


def _check_counts(facts: dict[str, Rows]) -> None:
    for name, expected in COUNTS.items():
        _must_be(f"{name}", len(facts[name]), expected)
    districts = facts["districts.csv"]
    kinds = Counter(row["kind"] for row in districts)
    _must_be("districts.csv: สพป.", kinds[District.Kind.OBEC_PRIMARY], PRIMARY)
    _must_be("districts.csv: สพม.", kinds[District.Kind.OBEC_SECONDARY], SECONDARY)
    primary = Counter(row["seat_province_code"] for row in districts if row["kind"] == District.Kind.OBEC_PRIMARY)
    in_13 = {row["province_code"] for row in facts["provinces.csv"] if row["moe_inspection_region_no"] == "13"}
    _must_be("provinces.csv: เขตตรวจราชการที่ 13", ", ".join(sorted(in_13)), ", ".join(sorted(PRIMARY_OF_REGION_13)))
    for province, expected in PRIMARY_OF_REGION_13.items():
        _must_be(f"districts.csv: สพป. ({province})", primary[province], expected)
    _must_be("provinces.csv: เขตตรวจราชการ", len({_region_of(row) for row in facts["provinces.csv"]}), REGIONS)


def _must_be(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise InconsistentFacts(
            f"แฟ้มข้อมูลอ้างอิงไม่ถูกต้อง: {what} มี {found} ต้องเป็น {expected} ยังไม่ได้นำเข้าข้อมูลใด ๆ",
            f"The reference files are not right: {what} has {found}, must be {expected}. Nothing was loaded.",
        )


def _check_references(facts: dict[str, Rows]) -> None:
    """Keys are unique and every row's parent exists; a dangling row would vanish from the sums of its tree."""
    keys = {
        "affiliations.csv": _unique(facts, "affiliations.csv", "code"),
        "provinces.csv": _unique(facts, "provinces.csv", "province_code"),
        "amphoes.csv": _unique(facts, "amphoes.csv", "amphoe_code"),
        "tambons.csv": _unique(facts, "tambons.csv", "tambon_code"),
        "districts.csv": _unique(facts, "districts.csv", "code"),
        "partners.csv": _unique(facts, "partners.csv", "code"),
    }
    for name, column, parent in (
        ("amphoes.csv", "province_code", "provinces.csv"),
        ("tambons.csv", "amphoe_code", "amphoes.csv"),
        ("districts.csv", "seat_province_code", "provinces.csv"),
    ):
        for row in facts[name]:
            _must_exist(name, row[column], keys[parent], parent)
    for row in facts["districts.csv"]:
        letter = row["code"][:1]
        _must_be(f"districts.csv: kind of {row['code']}", row["kind"], str(KIND_OF_LETTER.get(letter, "?")))
        _must_exist("districts.csv", DEPARTMENT_OF_LETTER[letter], keys["affiliations.csv"], "affiliations.csv")
        for province in row["province_codes"].split(";"):
            _must_exist("districts.csv", province, keys["provinces.csv"], "provinces.csv")
        if row["seat_province_code"] not in row["province_codes"].split(";"):
            _must_be(f"districts.csv: {row['code']}", row["province_codes"], row["seat_province_code"])


def _unique(facts: dict[str, Rows], name: str, column: str) -> set[str]:
    counts = Counter(row[column] for row in facts[name])
    for key, count in counts.items():
        _must_be(f"{name}: {column} {key}", count, 1)
    return set(counts)


def _must_exist(name: str, key: str, keys: set[str], parent: str) -> None:
    if key not in keys:
        raise InconsistentFacts(
            f"แฟ้มข้อมูลอ้างอิงไม่ถูกต้อง: {name} อ้างถึง “{key}” ซึ่งไม่มีใน {parent} ยังไม่ได้นำเข้าข้อมูลใด ๆ",
            f"The reference files are not right: {name} names “{key}”, not in {parent}. Nothing was loaded.",
        )


# ── file rows → model rows ────────────────────────────────────────────────────────────────────────────────────────
def _region_of(row: dict[str, str]) -> int:
    return int(row["moe_inspection_region_no"] or 0)


def _regions(provinces: Rows) -> Iterator[Region]:
    names = {_region_of(row): row["moe_inspection_region_th"] for row in provinces}
    for number, name in sorted(names.items()):
        yield Region(id=number, name_th=name)


def _departments(rows: Rows) -> Iterator[Department]:
    for order, row in enumerate(rows, start=1):
        yield Department(
            id=order,
            code=row["code"],
            abbr_th=row["abbr_th"],
            name_th=row["name_th"],
            name_en=row["name_en"],
            is_war_room=row["role"] == "war-room department",
        )


def _provinces(rows: Rows) -> Iterator[Province]:
    for row in rows:
        yield Province(
            id=int(row["province_code"]),
            name_th=row["name_th"],
            name_en=row["name_en"],
            abbr_th=row["abbr_th"],
            sort_key=sort_key(row["name_th"]),
            region_id=_region_of(row),
            lat=float(row["lat"]),
            lon=float(row["lon"]),
        )


def _amphoes(rows: Rows) -> Iterator[Amphoe]:
    for row in rows:
        yield Amphoe(
            id=int(row["amphoe_code"]),
            name_th=row["name_th"],
            name_en=row["name_en"],
            province_id=int(row["province_code"]),
        )


def _tambons(rows: Rows) -> Iterator[Tambon]:
    for row in rows:
        yield Tambon(
            id=int(row["tambon_code"]),
            name_th=row["name_th"],
            name_en=row["name_en"],
            amphoe_id=int(row["amphoe_code"]),
            postal_code=row["postal_code"],
        )


def _partners(facts: dict[str, Rows]) -> Iterator[Partner]:
    """The agencies of the list, and in each province its multi-disciplinary team (seed 002)."""
    for row in facts["partners.csv"]:
        yield Partner(code=row["code"], name_th=row["name_th"], name_en=row["name_en"])
    for row in facts["provinces.csv"]:
        yield Partner(
            code=f"team-{int(row['province_code'])}",
            name_th=f"ทีมสหวิชาชีพ จังหวัด{row['name_th']}",
            name_en=f"Multi-disciplinary team, {row['name_en']}",
            province_id=int(row["province_code"]),
        )


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _upsert(model: type[Model], rows: Iterable[Model], key: str = "id", kept: tuple[str, ...] = ()) -> Changes:
    """Write the rows that are new or differ from the stored ones, in batches; columns in `kept` stay as they are."""
    columns = [field.attname for field in model._meta.concrete_fields if field.attname not in (key, "id", *kept)]
    stored = {values[0]: values[1:] for values in model.objects.values_list(key, *columns)}
    new, changed, unchanged = [], [], 0
    for row in rows:
        before = stored.get(getattr(row, key))
        if before is None:
            new.append(row)
        elif before != tuple(getattr(row, column) for column in columns):
            changed.append(row)
        else:
            unchanged += 1
    if new or changed:
        fields = [field.name for field in model._meta.concrete_fields if field.attname in columns]
        model.objects.bulk_create(
            new + changed, batch_size=BATCH, update_conflicts=True, unique_fields=[key], update_fields=fields
        )
    return Changes(len(new), len(changed), unchanged)


def _load_districts(rows: Rows) -> Changes:
    departments = dict(Department.objects.values_list("code", "id"))
    done = _upsert(
        District,
        (
            District(
                code=row["code"],
                kind=row["kind"],
                name_th=row["short_name_th"],
                full_name_th=row["full_name_th"],
                name_en=row["full_name_en"],
                department_id=departments[DEPARTMENT_OF_LETTER[row["code"][0]]],
                seat_id=int(row["seat_province_code"]),
            )
            for row in rows
        ),
        key="code",
    )
    covered = {row["code"]: {int(code) for code in row["province_codes"].split(";")} for row in rows}
    moved = _cover_provinces(covered)
    extra = moved if not done.new else 0
    return Changes(done.new, done.changed + extra, done.unchanged - extra)


def _cover_provinces(covered: dict[str, set[int]]) -> int:
    """Make each district (by code) cover exactly these provinces; how many districts differed."""
    through = District.provinces.through
    ids = dict(District.objects.filter(code__in=covered).values_list("code", "id"))
    wanted = {(ids[code], province) for code, provinces in covered.items() for province in provinces}
    stored = set(
        through.objects.filter(district_id__in=ids.values()).values_list("district_id", "province_id").iterator()
    )
    for district_id, province_id in stored - wanted:
        through.objects.filter(district_id=district_id, province_id=province_id).delete()
    through.objects.bulk_create(
        (through(district_id=district, province_id=province) for district, province in sorted(wanted - stored)),
        batch_size=BATCH,
    )
    return len({district for district, _ in wanted ^ stored})


def _load_trays() -> Changes:
    """The trays every province has from the first day, one per war-room department; others come by tray_of()."""
    departments = list(Department.objects.filter(is_war_room=True))
    provinces = list(Province.objects.all())
    present = set(District.objects.filter(kind=District.Kind.TRAY).values_list("code", flat=True))
    missing = [
        (province, department)
        for province in provinces
        for department in departments
        if tray_code(province.pk, department.code) not in present
    ]
    District.objects.bulk_create((_tray(province, department) for province, department in missing), batch_size=BATCH)
    _cover_provinces({tray_code(province.pk, department.code): {province.pk} for province, department in missing})
    return Changes(len(missing), 0, len(provinces) * len(departments) - len(missing))
