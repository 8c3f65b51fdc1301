"""Owns the sheets with one row a unit: เขตตรวจราชการ, จังหวัด, เขตพื้นที่, สถานศึกษา, each with its รวม row.

Units without a child stand in the sheets of offices as zeros, so that none looks forgotten; schools, trays and
generated offices stand where they have children.
"""

from collections.abc import Iterator

from django.db.models import F, Q, QuerySet

from reports.ladder import Counts
from reports.sheets import Column, Line, Page
from reports.trees import UNASSIGNED
from schools.models import District, Province, Region
from schools.units import Unit

from .frame import LADDER_COLUMNS, Frame, ladder_cells, total_line
from .sums import CHUNK, Sums, leaves

_OCCASIONAL = (District.Kind.TRAY, District.Kind.GENERATED)


def regions(frame: Frame, sums: Sums) -> Page:
    rows = Region.objects.filter(Q(pk__in=sums.regions) | Q(provinces__in=_provinces_of(frame.unit))).distinct()
    lines = [Line((row.name_th, *ladder_cells(sums.regions.get(row.pk, Counts())))) for row in rows]
    columns = [Column("เขตตรวจราชการ", width=30), *LADDER_COLUMNS]
    return _page(frame, "เขตตรวจราชการ", columns, lines, sums.regions.values())


def provinces(frame: Frame, sums: Sums) -> Page:
    rows = Province.objects.filter(Q(pk__in=sums.provinces) | Q(pk__in=_provinces_of(frame.unit)))
    lines = [
        Line((row.name_th, row.region.name_th, *ladder_cells(sums.provinces.get(row.pk, Counts()))))
        for row in rows.select_related("region").order_by("region_id", "sort_key")
    ]
    columns = [Column("จังหวัด", width=20), Column("เขตตรวจราชการ", width=26), *LADDER_COLUMNS]
    return _page(frame, "จังหวัด", columns, lines, sums.provinces.values())


def districts(frame: Frame, sums: Sums) -> Page:
    rows = District.objects.filter(Q(pk__in=sums.districts) | _offices_of(frame.unit)).distinct()
    lines = [
        Line(
            (
                row.code,
                row.name_th,
                row.department.abbr_th,
                row.seat.name_th,
                *ladder_cells(sums.districts.get(row.pk, Counts())),
            )
        )
        for row in rows.select_related("department", "seat").order_by("department_id", "seat__sort_key", "code")
    ]
    columns = [
        Column("รหัส", width=12),
        Column("เขตพื้นที่", width=34),
        Column("สังกัด", width=12),
        Column("จังหวัด", width=18),
        *LADDER_COLUMNS,
    ]
    return _page(frame, "เขตพื้นที่", columns, lines, sums.districts.values())


def schools(frame: Frame, sums: Sums) -> Page:
    """One row a leaf, read and written one by one: a nation has some thirty thousand."""
    columns = [
        Column("รหัส", width=13),
        Column("สถานศึกษา", width=36),
        Column("เขตพื้นที่", width=30),
        Column("สังกัด", width=12),
        Column("อำเภอ", width=18),
        Column("จังหวัด", width=18),
        *LADDER_COLUMNS,
    ]
    note = "แสดงสถานศึกษาที่มีเด็กในเป้าหมาย รวมถาดยังไม่ระบุหน่วยงาน และเด็กที่เขตยังไม่มอบหมายโรงเรียน"
    return frame.page(
        "สถานศึกษา",
        "รายสถานศึกษา",
        columns,
        _school_lines(frame, sums),
        count=sums.leaf_count,
        frozen=2,
        notes=(note,),
    )


def _school_lines(frame: Frame, sums: Sums) -> Iterator[Line]:
    rows = (
        leaves(frame.rollup, frame.unit)
        .order_by(
            "province__region_id",
            "province__sort_key",
            "district__code",
            F("school__sort_key").asc(nulls_last=True),
            "pk",
        )
        .values_list(
            "school__code",
            "school__name_th",
            "district__name_th",
            "district__kind",
            "department__abbr_th",
            "school__amphoe__name_th",
            "province__name_th",
            "counts",
        )
    )
    packed = 0
    for done, (code, name, office, kind, department, amphoe, province, counts) in enumerate(
        rows.iterator(chunk_size=CHUNK), start=1
    ):
        row = Counts.of(counts)
        packed += row.packed
        unplaced = District.Kind.TRAY.label if kind == District.Kind.TRAY else UNASSIGNED["th"]
        yield Line((code, name or unplaced, office, department, amphoe, province, *ladder_cells(row)))
        frame.report(done, sums.leaf_count)
    yield total_line(6, Counts(packed))


def _page(frame: Frame, name: str, columns: list[Column], lines: list[Line], parts) -> Page:
    lead = len(columns) - len(LADDER_COLUMNS)
    total = Counts(sum(part.packed for part in parts))  # of this sheet's own rows: it must meet the others' by itself
    subject = f"ราย{name}"
    return frame.page(name, subject, columns, [*lines, total_line(lead, total)], count=len(lines), frozen=min(lead, 2))


def _provinces_of(unit: Unit) -> QuerySet[Province]:
    """The provinces in which a case of `unit` can stand."""
    match unit.kind:
        case "nation" | "department":
            return Province.objects.all()
        case "region":
            return Province.objects.filter(region_id=unit.pk)
        case "province":
            return Province.objects.filter(pk=unit.pk)
        case "amphoe" | "school":
            return Province.objects.filter(pk=unit.row.province_id)
        case "district" | "tray":
            return Province.objects.filter(districts=unit.pk)
        case _:
            return Province.objects.none()


def _offices_of(unit: Unit) -> Q:
    """The standing offices of `unit`, whether they have children or not."""
    standing = ~Q(kind__in=_OCCASIONAL)
    match unit.kind:
        case "nation":
            return standing
        case "department":
            return standing & Q(department_id=unit.pk)
        case "region" | "province":
            return standing & Q(provinces__in=_provinces_of(unit))
        case "district" | "tray":
            return Q(pk=unit.pk)
        case "school":
            return Q(pk=unit.row.district_id)
        case _:
            return Q(pk__in=[])
