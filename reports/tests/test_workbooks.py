"""Every cell of the workbook is recounted from facts; every level stands for itself; the seeds' tables come out."""

import io
from collections import Counter
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
import python_calamine
from django.core.management import CommandError, call_command

from cases.codes import CAUSES, Category, Finding, Outcome
from reports import rollup, workbooks
from reports.labels import LABELS
from reports.models import Rollup
from reports.tests.fact_worlds import (
    DAY,
    START,
    a_world,
    claimed,
    found,
    listed,
    place_of,
    recount,
    store,
    visited,
)
from reports.workbooks import Download, FiguresMoved, Frame
from reports.workbooks.trend import points
from schools import clock
from schools.models import AuditEvent, Department, District, Province, Region
from schools.thaitime import MONTHLY, WEEKLY
from schools.units import parse_unit

MONTH = "2565-02"
CUTOFF = datetime(2022, 2, 28, 17, tzinfo=UTC)  # 1 March 00:00 in Bangkok
NOW = START + 60 * DAY
SHEETS = ["ภาพรวม", "สาเหตุ", "ประเภท", "เขตตรวจราชการ", "จังหวัด", "เขตพื้นที่", "สถานศึกษา", "แนวโน้ม", "นิยาม"]
LADDER = (
    "target", "to_start", "tracking", "found", "not_found", "in_education", "wants", "does_not_want", "cannot",
    "not_asked", "returned_claimed", "returned_confirmed", "observing", "retained",
)  # fmt: skip
UNITS = (
    "nation", "department:obec", "department:ovec", "region:12", "region:6", "province:46", "province:81",
    "district:P4603", "district:S4601", "tray:46-obec", "school:46990001", "school:46990005", "amphoe:4605",
)  # fmt: skip


@pytest.fixture
def districts(cast):
    return District.objects.in_bulk(field_name="code")


@pytest.fixture
def world(cast, districts):
    return a_world(cast, districts)


def download(purpose="เสนอที่ประชุมคณะกรรมการ"):
    return Download("จันทร์ สมมุติเขต", "เจ้าหน้าที่เขตพื้นที่", "สพป.กาฬสินธุ์ เขต 3", NOW, purpose, "PN-0000001")


def made(unit, period=MONTH, now=NOW, **options):
    """The workbook of `unit`, reopened."""
    with clock.simulated(now):
        frame = Frame(rollup.build(period), parse_unit(unit), download())
        buffer = io.BytesIO()
        written = workbooks.write(buffer, frame, **options)
    buffer.seek(0)
    return openpyxl.load_workbook(buffer), written, frame


def table(sheet):
    """(heading rows, body rows) of a sheet as values, the title lines and notes left out."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    first, last = (int(part.strip("$")) for part in sheet.print_title_rows.split(":"))
    body = rows[last:]
    width = len(rows[first - 1])
    notes = next(
        (place for place, row in enumerate(body) if row[0] and set(row[1:]) == {None} and width > 4), len(body)
    )
    return rows[first - 1 : last], body[:notes]


# ── every cell, from facts ────────────────────────────────────────────────────────────────────────────────────
def stands_in(unit, place):
    province, district, department, school = place
    row = unit.row
    match unit.kind:
        case "nation":
            return True
        case "department":
            return department == row.pk
        case "region":
            return Province.objects.get(pk=province).region_id == row.pk
        case "province":
            return province == row.pk
        case "district" | "tray":
            return district == row.pk
        case "school":
            return school == row.pk
        case "amphoe":
            return school is not None and row.schools.filter(pk=school).exists()


def added(leaves, key):
    sums = {}
    for place, counted in leaves.items():
        sums.setdefault(key(place), Counter()).update(counted)
    return sums


def half_up(part, whole):
    """Two decimals from whole numbers, half-up, without the product's arithmetic."""
    return None if not whole else (part * 100_00 * 2 + whole) // (2 * whole) / 100


def cells(counted):
    return [
        *(counted[key] for key in LADDER),
        half_up(counted["found"], counted["target"]),
        half_up(counted["returned_claimed"], counted["out_of_education"]),
    ]


@pytest.mark.parametrize("text", UNITS)
def test_every_cell_equals_a_recount_of_the_facts_that_stand_in_the_unit(world, text):
    book, written, frame = made(text)
    leaves = {
        place: counted
        for place, counted in recount(CUTOFF, frame.rollup.known_at).items()
        if stands_in(frame.unit, place)
    }
    total = sum(leaves.values(), Counter())
    assert book.sheetnames == SHEETS
    assert total["target"] > 0
    assert written.schools == len(leaves)
    names = {
        "ภาพรวม": (lambda place: place[2], {row.pk: [row.abbr_th, row.name_th] for row in Department.objects.all()}),
        "เขตตรวจราชการ": (
            lambda place: Province.objects.get(pk=place[0]).region_id,
            {row.pk: [row.name_th] for row in Region.objects.all()},
        ),
        "จังหวัด": (
            lambda place: place[0],
            {row.pk: [row.name_th, row.region.name_th] for row in Province.objects.select_related("region")},
        ),
        "เขตพื้นที่": (
            lambda place: place[1],
            {
                row.pk: [row.code, row.name_th, row.department.abbr_th, row.seat.name_th]
                for row in District.objects.select_related("department", "seat")
            },
        ),
    }
    for name, (key, named) in names.items():
        _, body = table(book[name])
        sums = added(leaves, key)
        lead = len(next(iter(named.values())))
        shown = {tuple(row[:lead]): row[lead:] for row in body}
        assert len(shown) == len(body), name
        assert shown.pop(("รวม", *[None] * (lead - 1))) == cells(total), name
        for pk, counted in sums.items():
            assert shown.pop(tuple(named[pk])) == cells(counted), name
        assert all(row == cells(Counter()) for row in shown.values()), name  # offices without a child
    _check_schools(book["สถานศึกษา"], leaves, total)
    _check_causes(book["สาเหตุ"], total)
    _check_categories(book["ประเภท"], total)


def _check_schools(sheet, leaves, total):
    _, body = table(sheet)
    assert body[-1] == ["รวม", *[None] * 5, *cells(total)]
    shown = {}
    for row in body[:-1]:
        shown.setdefault((row[0], row[2], row[5]), []).append(row[6:])
    districts = District.objects.in_bulk()
    expected = {}
    for (province, district, _, school), counted in leaves.items():
        office = districts[district]
        code = office.schools.get(pk=school).code if school else None
        key = (code, office.name_th, Province.objects.get(pk=province).name_th)
        expected.setdefault(key, []).append(cells(counted))
    assert shown == expected


def _check_causes(sheet, total):
    _, body = table(sheet)
    expected = [[None, "อยู่ในระบบการศึกษา", None, None]]
    for number, outcome in enumerate(list(Outcome)[1:], start=1):
        count = total[f"outcome={outcome.slug}"]
        expected.append([number, LABELS[f"outcome={outcome.slug}"].th, count, half_up(count, total["found"])])
        if number == 3:
            expected.append([None, "รวม", total["in_education"], half_up(total["in_education"], total["found"])])
            expected.append([None, "หลุดจากระบบการศึกษา", None, None])
    expected.append([None, "รวม", total["out_of_education"], half_up(total["out_of_education"], total["found"])])
    expected.append([None, "รวมทั้งสิ้น", total["found"], 100 if total["found"] else None])
    assert body == expected


def _check_categories(sheet, total):
    _, body = table(sheet)
    slugs = ("missed", "dropout", "not_listed")
    expected = []
    for slug, name in zip(slugs, ("ตกหล่น", "ออกกลางคัน", "ไม่มีชื่อในระบบแต่พบตัว"), strict=True):
        numbers = [total[f"{slug}.{key}"] for key in ("target", "traced", "in_progress", "back", "not_back")]
        why = [total[f"{slug}.why={cause.slug}"] for cause in CAUSES]
        assert sum(why) == numbers[4]
        shares = [half_up(numbers[1], numbers[0]), half_up(numbers[3], numbers[1])]
        expected.append([name, *numbers, *why, *shares])
    sums = [sum(column) for column in zip(*(row[1:-2] for row in expected), strict=True)]
    expected.append(["รวม", *sums, half_up(sums[1], sums[0]), half_up(sums[3], sums[1])])
    assert body == expected


@pytest.mark.parametrize("text", ["nation", "district:P4603"])
def test_every_point_of_the_trend_equals_a_recount_and_the_last_is_the_rollup(world, text):
    book, _, frame = made(text)
    _, body = table(book["แนวโน้ม"])
    assert [row[0] for row in body] == ["รายสัปดาห์"] * 12 + ["รายเดือน"] * 12
    asked = [*points(WEEKLY, CUTOFF), *points(MONTHLY, CUTOFF)]
    before = 0
    for row, point in zip(body, asked, strict=True):
        leaves = recount(point.as_of, frame.rollup.known_at)
        total = sum((counted for place, counted in leaves.items() if stands_in(frame.unit, place)), Counter())
        assert row[3:-1] == cells(total)
        assert row[2] == (point.as_of.astimezone(UTC) + timedelta(hours=7)).replace(tzinfo=None)
        change = None if point in (asked[0], asked[12]) else total["found"] - before
        assert row[-1] == change
        before = total["found"]
    assert body[-1][3:-1] == table(book["ภาพรวม"])[1][-1][2:]
    assert body[-1][3] > 0


def test_a_late_fact_is_in_the_further_revision_only(world):
    first, _, _ = made("province:81", now=CUTOFF + DAY)
    with clock.simulated(NOW):
        rollup.build(MONTH, known_at=NOW)
    second, _, frame = made("province:81")
    assert frame.rollup.revision == 2
    assert [table(book["ภาพรวม"])[1][-1][2 + LADDER.index("found")] for book in (first, second)] == [2, 3]


# ── the seeds' tables ─────────────────────────────────────────────────────────────────────────────────────────
PUBLISHED = (
    50.77, 5.11, 0.40, 15.38, 4.78, 4.66, 4.60, 3.57, 3.49, 2.30, 1.29, 1.19, 0.70, 0.63, 0.32, 0.31, 0.27, 0.18, 0.05,
)  # fmt: skip


def test_ten_thousand_found_children_give_the_published_table_to_the_digit(cast):
    place = place_of(cast.own_school)
    stories = [
        [listed(place), found(5, outcome)]
        for outcome, share in zip(list(Outcome)[1:], PUBLISHED, strict=True)
        for _ in range(round(share * 100))
    ]
    assert len(stories) == 10_000
    store(stories)
    book, _, _ = made("nation")
    heading, body = table(book["สาเหตุ"])
    assert heading == [["ที่", "รายการ", "จำนวน (คน)", "ร้อยละของเด็กที่พบตัว"]]
    assert tuple(row[3] for row in body if isinstance(row[0], int)) == PUBLISHED
    sums = [row[1:] for row in body if row[1].startswith("รวม")]
    assert sums == [["รวม", 5628, 56.28], ["รวม", 4372, 43.72], ["รวมทั้งสิ้น", 10_000, 100]]


def test_the_two_populations_of_seed_001_give_its_table_with_68_36(cast):
    place = place_of(cast.own_school)

    def population(category, in_progress, back, not_back):
        yield from ([listed(place, category), visited(2, Finding.NONE)] for _ in range(in_progress))
        yield from ([listed(place, category), found(2, Outcome.FAMILY_NECESSITY), claimed(4)] for _ in range(back))
        yield from ([listed(place, category), found(2, Outcome.OVER_AGE_NO_FURTHER)] for _ in range(not_back))

    store([*population(Category.MISSED, 424, 95, 821), *population(Category.DROPOUT, 45, 82, 52)])
    book, _, _ = made("district:P4603")
    heading, body = table(book["ประเภท"])
    assert heading[0][:6] == ["ประเภท", "เป้าหมาย", "ติดตามแล้ว", "กำลังติดตาม", "กลับเข้าระบบ", "ไม่กลับ"]
    assert heading[0][-2:] == ["ร้อยละติดตามแล้ว (ของเป้าหมาย)", "ร้อยละกลับเข้าระบบ (ของที่ติดตามแล้ว)"]
    by_name = {row[0]: row for row in body}
    assert by_name["ตกหล่น"][1:6] == [1340, 916, 424, 95, 821]
    assert by_name["ตกหล่น"][-2:] == [68.36, 10.37]
    assert by_name["ออกกลางคัน"][1:6] == [179, 134, 45, 82, 52]
    assert by_name["ออกกลางคัน"][-2:] == [74.86, 61.19]
    assert by_name["รวม"][1:6] == [1519, 1050, 469, 177, 873]
    why = dict(zip(heading[1], by_name["ตกหล่น"], strict=True))
    assert why["อายุพ้นเกณฑ์และไม่ประสงค์จะเรียนต่อ"] == 821
    words = [cell.value for row in book["นิยาม"] for cell in row if isinstance(cell.value, str)]
    assert any("68.36" in text and "68.35" in text and "ตัดทศนิยม" in text for text in words)
    assert not any(cell.value == 68.35 for sheet in book for row in sheet for cell in row)


# ── what stands around the figures ────────────────────────────────────────────────────────────────────────────
def test_every_sheet_names_unit_period_dates_rows_and_who_took_it_out(world):
    book, _, _ = made("province:46")
    for sheet in book:
        titles = [sheet.cell(row, 1).value for row in range(1, 5)]
        assert titles[0].startswith("รายงานผลการดำเนินงานโครงการ “พาน้องกลับมาเรียน”")
        assert titles[1] == "กาฬสินธุ์ · งวด กุมภาพันธ์ 2565"
        assert titles[2].startswith("ข้อมูล ณ วันที่ 1 มีนาคม 2565 เวลา 00.00 น. · ตามที่ระบบทราบ ณ วันที่ 2 เมษายน 2565")
        assert titles[3].startswith("จำนวน ") and titles[3].endswith(" แถว")
        assert sheet.oddFooter.left.text.startswith("PN-0000001 · จันทร์ สมมุติเขต")
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.freeze_panes and sheet.print_title_rows.startswith("$5:")
        assert {cell.font.name for row in sheet.iter_rows(max_row=8) for cell in row if cell.value} == {
            "TH Sarabun New"
        }
        assert not any(cell.data_type == "f" for row in sheet for cell in row)
    assert (book.properties.creator, book.properties.keywords) == ("จันทร์ สมมุติเขต", "PN-0000001")
    said = {row[0].value: row[2].value for row in book["นิยาม"].iter_rows(min_row=5)}
    assert said["เหตุผล"] == "เสนอที่ประชุมคณะกรรมการ"
    assert said["ผู้ดาวน์โหลด"] == "จันทร์ สมมุติเขต · เจ้าหน้าที่เขตพื้นที่ · สพป.กาฬสินธุ์ เขต 3"
    assert said["ข้อมูล ณ (as of)"].endswith("(2022-03-01T00:00:00+07:00)")


def test_the_row_count_in_the_title_is_the_number_of_rows(world):
    book, _, _ = made("nation")
    for name in ("ภาพรวม", "เขตตรวจราชการ", "จังหวัด", "เขตพื้นที่", "สถานศึกษา"):
        printed = int(book[name]["A4"].value.split()[1].replace(",", ""))
        assert printed == len(table(book[name])[1]) - 1, name  # รวม is not counted
    assert len(table(book["จังหวัด"])[1]) == 78
    assert len(table(book["เขตตรวจราชการ"])[1]) == 20


def test_every_identity_is_printed_as_agreeing_along_both_trees(world):
    book, _, _ = made("nation")
    verdicts = {row[2].value: row[3].value for row in book["นิยาม"].iter_rows(min_row=5) if row[3].value}
    for identity in (
        "target = to_start + tracking + found + not_found",
        "wants ≥ returned_claimed",
        "missed.traced = missed.back + missed.not_back",
    ):
        assert verdicts[identity].startswith("ตรงกัน ✓"), identity
    sums = {text: said for text, said in verdicts.items() if "Σ" in str(text)}
    assert {text.rpartition(" ")[2] for text in sums} >= {"departments", "regions", "provinces", "districts"}
    assert not any("ไม่ตรงกัน" in str(said) for said in verdicts.values())
    totals = {
        tuple(table(book[name])[1][-1][-16:]) for name in ("ภาพรวม", "เขตตรวจราชการ", "จังหวัด", "เขตพื้นที่", "สถานศึกษา")
    }
    assert len(totals) == 1


def test_every_figure_has_its_meaning_and_its_denominator(world):
    book, _, _ = made("nation")
    rows = {row[0].value: [cell.value for cell in row] for row in book["นิยาม"].iter_rows(min_row=5)}
    for label in LABELS.values():
        assert rows[label.th][2], label.th
    assert rows["พบตัว"][3] == "ของเป้าหมาย"
    assert rows["ตกหล่น: กลับเข้าระบบ"][3].startswith("ของที่ติดตามแล้ว")


def test_an_unfinished_period_is_marked_provisional_on_every_sheet(world):
    book, _, frame = made("nation", now=START + 20 * DAY)
    assert frame.rollup.is_provisional
    assert all("ชั่วคราว" in sheet["A2"].value for sheet in book)
    assert "ชั่วคราว" in table(book["แนวโน้ม"])[1][-1][1]
    finished, _, _ = made("nation")
    assert not any("ชั่วคราว" in sheet["A2"].value for sheet in finished)


def test_figures_rebuilt_while_the_file_is_written_are_refused(world, monkeypatch):
    original = workbooks.trend.trend

    def meanwhile(frame, sums):
        Rollup.objects.all().delete()
        return original(frame, sums)

    monkeypatch.setattr(workbooks.trend, "trend", meanwhile)
    with pytest.raises(FiguresMoved):
        made("nation")


def test_a_long_school_sheet_goes_on_in_a_further_sheet_and_loses_no_row(world):
    book, written, _ = made("nation", rows_per_sheet=4)
    parts = [sheet for sheet in book if sheet.title.startswith("สถานศึกษา")]
    rows = [row for sheet in parts for row in table(sheet)[1]]
    assert [sheet.title for sheet in parts][:2] == ["สถานศึกษา", "สถานศึกษา (2)"]
    assert len(rows) == written.schools + 1
    assert all(sheet["A4"].value == parts[0]["A4"].value for sheet in parts)


def test_a_school_named_like_a_formula_is_text_and_calamine_reads_the_same(world, cast):
    cast.own_school.name_th = '=HYPERLINK("http://x","y")'
    cast.own_school.save()
    with clock.simulated(NOW):
        buffer = io.BytesIO()
        workbooks.write(buffer, Frame(rollup.build(MONTH), parse_unit("school:46990001"), download("=1+1 เพื่อทดสอบ")))
    buffer.seek(0)
    sheet = openpyxl.load_workbook(buffer)["สถานศึกษา"]
    assert (sheet["B7"].value, sheet["B7"].data_type) == ('=HYPERLINK("http://x","y")', "s")
    buffer.seek(0)
    rows = python_calamine.load_workbook(buffer).get_sheet_by_name("สถานศึกษา").to_python()
    assert rows[6][:2] == ["46990001", '=HYPERLINK("http://x","y")']


# ── the command ───────────────────────────────────────────────────────────────────────────────────────────────
def test_the_command_builds_what_is_missing_and_says_what_it_wrote(world, tmp_path, capsys):
    out = tmp_path / "งวด.xlsx"
    with clock.simulated(NOW):
        call_command("export_workbook", period="2565-W09", unit="province:46", out=out)
    said = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    assert said["path"] == str(out)
    assert (said["period"], said["revision"], said["provisional"]) == ("2565-W09", "1", "no")
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == SHEETS
    assert sum(len(table(sheet)[1]) for sheet in book) == int(said["rows"])
    assert Rollup.objects.get().period == "2565-W09"
    assert AuditEvent.objects.get(action="exported").details["of_unit"] == "province:46"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("period", "unit", "says"),
    [
        ("2022-02", "nation", "is not a period"),
        ("2565-02", "province:99", "No unit"),
        ("2565-02", "partner:eef", "No unit"),
        ("2569-02", "nation", "has not begun"),
    ],
)
def test_the_command_refuses_in_both_languages_and_leaves_no_file(world, tmp_path, period, unit, says):
    with clock.simulated(NOW), pytest.raises(CommandError) as refusal:
        call_command("export_workbook", period=period, unit=unit, out=tmp_path / "x.xlsx")
    thai, english = str(refusal.value).split("\n")
    assert says in english and any("ก" <= letter <= "๙" for letter in thai)
    assert list(tmp_path.iterdir()) == []


def test_the_command_into_a_folder_that_is_not_there_is_told_and_changes_nothing(world, tmp_path):
    with clock.simulated(NOW), pytest.raises(CommandError, match="cannot be written"):
        call_command("export_workbook", period=MONTH, unit="nation", out=tmp_path / "no" / "x.xlsx")
