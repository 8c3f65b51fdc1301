import csv
import shutil

import pytest
from django.core.management import CommandError, call_command

from schools.models import Amphoe, Department, District, Partner, Province, Region, Tambon
from schools.reference import DATA, InconsistentFacts, generated_office, load_reference, tray_of
from schools.units import parse_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    """A copy of data/ to spoil."""
    for name in ("affiliations", "provinces", "amphoes", "tambons", "districts", "partners"):
        shutil.copy(DATA / f"{name}.csv", tmp_path)
    return tmp_path


def rewrite(path, change):
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    rows = change(rows)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_the_country_stands_as_counted():
    assert Region.objects.count() == 19
    assert Department.objects.count() == 17
    assert Province.objects.count() == 77
    assert Amphoe.objects.count() == 928
    assert Tambon.objects.count() == 7_436
    assert Partner.objects.filter(province=None).count() == 16
    assert Partner.objects.exclude(province=None).count() == 77  # a multi-disciplinary team each
    kinds = {"obec_primary": 183, "obec_secondary": 62, "special_education_center": 77, "ovec_provincial": 77}
    kinds |= {"dole_provincial": 77, "opec_provincial": 6, "moe_provincial": 77, "tray": 4 * 77}
    assert {kind: District.objects.filter(kind=kind).count() for kind in kinds} == kinds
    assert list(Department.objects.filter(is_war_room=True).values_list("code", flat=True)) == [
        "obec",
        "ovec",
        "dole",
        "opec",
    ]


@pytest.mark.parametrize(
    ("district", "department"),
    [
        ("P4603", "obec"),
        ("S4601", "obec"),
        ("E4601", "obec"),
        ("V4601", "ovec"),
        ("N4601", "dole"),
        ("R9001", "opec"),
        ("O4601", "opec"),
    ],
)
def test_an_office_stands_under_its_department(district, department):
    assert District.objects.get(code=district).department.code == department


def test_region_13_has_its_seventeen_primary_areas():
    counts = {
        province: District.objects.filter(kind="obec_primary", seat__name_th=province).count()
        for province in ("ชัยภูมิ", "นครราชสีมา", "บุรีรัมย์", "สุรินทร์")
    }
    assert counts == {"ชัยภูมิ": 3, "นครราชสีมา": 7, "บุรีรัมย์": 4, "สุรินทร์": 3}
    assert set(Province.objects.filter(region=13).values_list("name_th", flat=True)) == set(counts)


def test_bangkok_stands_in_the_central_region_and_a_secondary_area_covers_several_provinces():
    assert Province.objects.get(name_th="กรุงเทพมหานคร").region.key == "central"
    names = District.objects.get(code="S8201").provinces.values_list("name_th", flat=True)
    assert set(names) == {"พังงา", "ภูเก็ต", "ระนอง"}


@pytest.mark.parametrize("department", ["obec", "ovec", "dole", "opec"])
def test_every_province_has_a_tray_of_each_war_room_department(department):
    unit = parse_unit(f"tray:46-{department}")
    assert unit.row.name_th.startswith("ยังไม่ระบุหน่วยงาน จังหวัดกาฬสินธุ์ (")
    assert unit.row.department.code == department
    assert [province.pk for province in unit.row.provinces.all()] == [46]
    assert District.objects.filter(kind="tray", department__code=department).count() == 77


def test_a_second_load_writes_nothing(django_assert_max_num_queries, capsys):
    with django_assert_max_num_queries(40) as queries:
        call_command("load_reference")
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []
    assert "Nothing to write" in capsys.readouterr().out


def test_a_changed_fact_is_brought_up_to_date_and_nothing_else(folder):
    def rename(rows):
        for row in rows:
            if row["code"] == "P4603":
                row["short_name_th"] = "สพป.กาฬสินธุ์ เขต ใหม่"
            if row["code"] == "S9201":
                row["province_codes"] = "92"
        return rows

    rewrite(folder / "districts.csv", rename)
    done = load_reference(folder)
    assert done["district"] == (0, 2, 557)
    assert {name: changes[:2] for name, changes in done.items() if name != "district"} == {
        name: (0, 0) for name in done if name != "district"
    }
    assert District.objects.get(code="P4603").name_th == "สพป.กาฬสินธุ์ เขต ใหม่"
    assert [province.pk for province in District.objects.get(code="S9201").provinces.all()] == [92]
    assert District.objects.get(code="S4601").name_th == "สพม.กาฬสินธุ์"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("districts.csv", lambda rows: rows[:-1], "districts.csv has 558, must be 559"),
        ("districts.csv", lambda rows: [*rows[:-1], rows[-2]], "has 2, must be 1"),
        ("districts.csv", lambda rows: [{**row, "seat_province_code": "99"} for row in rows], "สพป"),
        ("amphoes.csv", lambda rows: [{**rows[0], "province_code": "99"}, *rows[1:]], "amphoes.csv names “99”"),
        (
            "tambons.csv",
            lambda rows: [{**rows[0], "amphoe_code": ""}, *rows[1:]],
            "tambons.csv, row 2: the column amphoe_code",
        ),
        ("provinces.csv", lambda rows: [{**row, "moe_inspection_region_no": "1"} for row in rows], "ที่ 13"),
        ("districts.csv", lambda rows: [{**rows[0], "kind": "tray"}, *rows[1:]], "สพป."),
        ("districts.csv", lambda rows: [*rows[:-1], {**rows[-1], "code": "Z1"}], "kind of Z1"),
        ("affiliations.csv", lambda rows: [{**row, "code": f"x{row['code']}"} for row in rows], "“obec”"),
        ("provinces.csv", lambda rows: [{"province_code": row["province_code"]} for row in rows], "provinces.csv"),
    ],
)
def test_files_that_do_not_fit_are_refused_and_nothing_is_loaded(folder, name, change, said):
    rewrite(folder / name, change)
    before = District.objects.count(), Province.objects.get(pk=46).region_id
    with pytest.raises(InconsistentFacts) as refusal:
        load_reference(folder)
    assert said in refusal.value.message_en or said in refusal.value.message_th
    assert (District.objects.count(), Province.objects.get(pk=46).region_id) == before


def test_a_missing_file_is_named(folder):
    (folder / "tambons.csv").unlink()
    with pytest.raises(CommandError, match=r"tambons\.csv is missing"):
        call_command("load_reference", folder=folder)


def test_trays_and_generated_offices_are_made_once():
    province, department = Province.objects.get(pk=46), Department.objects.get(code="lao")
    for make, code in ((tray_of, "46-lao"), (generated_office, "X46-lao")):
        first, second = make(province, department), make(province, department)
        assert first.pk == second.pk
        assert first.code == code
        assert list(first.provinces.all()) == [province]
    assert str(parse_unit("tray:46-lao")) == "tray:46-lao"
    assert parse_unit("district:X46-lao").name == "อปท. จังหวัดกาฬสินธุ์"


def test_a_load_leaves_generated_offices_and_later_trays_alone():
    generated_office(Province.objects.get(pk=46), Department.objects.get(code="lao"))
    tray_of(Province.objects.get(pk=46), Department.objects.get(code="bpp"))
    done = load_reference()
    assert not any(changes.new or changes.changed for changes in done.values())
    assert District.objects.filter(code__in=["X46-lao", "46-bpp"]).count() == 2
