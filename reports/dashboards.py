"""A unit on one page: its ladder, causes, trend and the units below it, all counted by reports.ladder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.codes import IN_EDUCATION, Outcome
from cases.models import Case
from cases.queues import SOON, WORKING
from reports import charts, tables, trees
from reports.identities import Check, checks, worded
from reports.labels import LABELS, SHORT, Label
from reports.ladder import Counts, count_leaves, inside, percent, total
from reports.links import Links, Place
from reports.trend import weekly_trend
from schools import clock
from schools.language import reader_language, th_or_en
from schools.models import Person, Province
from schools.scope import may_look_at, within
from schools.thaitime import BANGKOK, bangkok_date, bangkok_midnight, bangkok_today, thai_date
from schools.units import Unit, parse_units, unit_of

# What each kind of unit may be broken down by; the first is shown unless another is asked for.
BELOW = {
    "nation": ("province", "department", "region"),
    "department": ("district", "province"),
    "region": ("province", "district"),
    "province": ("district", "department", "school"),
    "amphoe": ("school",),
    "district": ("school",),
    "tray": ("school",),
    "school": (),
}
LEVEL_NAMES = {
    "department": gettext_lazy("สังกัด"),
    "region": gettext_lazy("เขตตรวจราชการ"),
    "province": gettext_lazy("จังหวัด"),
    "district": gettext_lazy("เขตพื้นที่"),
    "school": gettext_lazy("โรงเรียน"),
}
COLUMNS = ("target", "to_start", "tracking", "not_found", "found", "wants", "returned_claimed", "returned_confirmed")
SHOWN_OF_MAP = 5  # provinces always written under the map; the others unfold
SHOWN_BELOW = 300  # rows of the table on the page; the workbook has them all, and the page says so


def label(key: str, words: Mapping[str, Label] = LABELS) -> str:
    """A figure's name in the reader's language; with `words=SHORT` its table head where it has one."""
    name = words.get(key, LABELS[key])
    return th_or_en(*name)


def end_of_day(day: date) -> datetime | None:
    """ "As of a day" means at its end; today means now (None)."""
    return None if day >= bangkok_today() else bangkok_midnight(day + timedelta(days=1))


@dataclass
class Dashboard:
    """One unit's figures at one moment, with the links that open each number to its children."""

    unit: Unit
    person: Person
    as_of: datetime | None  # None: now
    by: str

    def context(self) -> dict[str, Any]:
        """Everything the template needs; a fixed number of queries."""
        leaves = count_leaves(as_of=self.as_of, where=inside(self.unit, is_now=self.as_of is None))
        counts = total(leaves.values())
        proof = checks(counts, {"leaves": list(leaves.values())})
        return {
            "unit": self.unit,
            "path": self.links.path(),
            "counts": counts,
            "as_of": self.as_of or clock.now(),
            "is_now": self.as_of is None,
            "as_of_day": bangkok_date((self.as_of or clock.now()) - timedelta(microseconds=1)),
            "ends_a_day": self.as_of is not None and self.as_of == bangkok_midnight(bangkok_date(self.as_of)),
            "broken": [check for check in proof if not check.holds],
            "checks": proof,
            "tiles": self.tiles(counts),
            "flow": charts.flow(self.flow(counts)) if counts["target"] else "",
            "causes": self.causes(counts),
            "causes_total": counts["out_of_education"],
            "cause_table": tables.causes(counts, self.children),
            "category_table": tables.categories(counts, self.children),
            "trend": self.trend(),
            "table": self.table(leaves),
            "map": self.map(leaves),
            "levels": [(level, str(LEVEL_NAMES[level])) for level in BELOW[self.unit.kind]],
            "by": self.by,
        }

    # ── links ─────────────────────────────────────────────────────────────────────────────────────
    @property
    def links(self) -> Links:
        return Links(self.unit, self.person, self.as_of)

    def children(self, figure: str) -> str:
        """The address of the children behind a figure of the whole unit; empty for those who may not see cases."""
        return self.links.children(figure)

    # ── parts ─────────────────────────────────────────────────────────────────────────────────────
    def tiles(self, counts: Counts) -> list[dict]:
        waiting = self._waiting()
        tiles = []
        if self.as_of is None:
            tiles = [
                {
                    "label": _("เกินกำหนด"),
                    "figure": waiting["overdue"],
                    "kind": "bad" if waiting["overdue"] else "",
                    "icon_name": "alert",
                    "url": self.links.work("overdue"),
                    "note": _("ต้องติดตามก่อน"),
                },
                {
                    "label": _("ครบกำหนดใน 7 วัน"),
                    "figure": waiting["soon"],
                    "kind": "due" if waiting["soon"] else "",
                    "icon_name": "clock",
                    "url": self.links.work("soon"),
                    "note": _("นับจากวันนี้"),
                },
            ]
        if self.as_of is None and self.unit.kind != "school":
            tiles.append(
                {
                    "label": _("รอมอบหมายโรงเรียน"),
                    "figure": waiting["unassigned"],
                    "url": self.links.work("all", Place(str(self.unit), unassigned=True)),
                    "note": _("ยังไม่มีโรงเรียนรับผิดชอบ"),
                }
            )
        return [*tiles, *self._shares(counts)]

    def _shares(self, counts: Counts) -> list[dict]:
        """Outcome tiles: a percentage with its base named under it."""
        found, target = counts["found"], counts["target"]
        claimed, wants = counts["returned_claimed"], counts["wants"]
        rows = (
            (_("พบตัวแล้ว"), found, target, _("%(n)s จากเป้าหมาย %(of)s"), "found", ""),
            (
                pgettext("figure", "แจ้งกลับเข้าเรียน"),
                claimed,
                wants,
                _("%(n)s จากผู้ประสงค์กลับ %(of)s"),
                "returned_claimed",
                "",
            ),
            (
                _("ยืนยันกลับเข้าเรียน"),
                counts["returned_confirmed"],
                wants,
                _("%(n)s จากผู้ประสงค์กลับ %(of)s"),
                "returned_confirmed",
                "ok" if counts["returned_confirmed"] else "",
            ),
        )
        return [
            {
                "label": name,
                "figure": str(percent(n, of)) if of else "–",
                "unit": "%" if of else "",
                "note": note % {"n": f"{n:,}", "of": f"{of:,}"},
                "url": self.children(key),
                "kind": kind,
                "icon_name": "checks" if kind == "ok" else "",
            }
            for name, n, of, note, key, kind in rows
        ]

    def _waiting(self) -> dict[str, int]:
        moment = clock.now()
        return Case.objects.filter(within(self.unit), stage__in=WORKING).aggregate(
            overdue=Count("pk", filter=Q(due_at__lt=moment)),
            soon=Count("pk", filter=Q(due_at__gte=moment, due_at__lt=moment + SOON)),
            unassigned=Count("pk", filter=Q(school__isnull=True)),
        )

    def flow(self, counts: Counts) -> list[charts.FlowRow]:
        def part(key: str, kind: str) -> charts.Segment:
            return charts.Segment(label(key), counts[key], kind, self.children(key))

        return [
            charts.FlowRow(
                label("target"),
                [
                    part("to_start", "wait"),
                    part("tracking", "track"),
                    part("found", "found"),
                    part("not_found", "lost"),
                ],
                opens=2,
                url=self.children("target"),
            ),
            charts.FlowRow(
                label("found"),
                [part("in_education", "track"), part("out_of_education", "found")],
                opens=1,
                url=self.children("found"),
            ),
            charts.FlowRow(
                label("out_of_education"),
                [
                    part("wants", "found"),
                    part("does_not_want", "wait"),
                    part("cannot", "lost"),
                    part("not_asked", "track"),
                ],
                opens=0,
                url=self.children("out_of_education"),
            ),
            charts.FlowRow(
                label("wants"),
                [
                    part("wants_not_claimed", "wait"),
                    part("claimed_not_confirmed", "claim"),
                    part("returned_confirmed", "done"),
                ],
                url=self.children("wants"),
            ),
        ]

    def causes(self, counts: Counts) -> str:
        rows = [
            charts.Bar(label(key), counts[key], self.children(key))
            for outcome in Outcome
            if outcome and outcome not in IN_EDUCATION and counts[key := f"outcome={outcome.slug}"]
        ]
        return charts.hbars(rows, denominator=counts["out_of_education"]) if rows else ""

    def trend(self) -> dict[str, Any]:
        points = weekly_trend(self.unit, until=self.as_of)
        lang = reader_language()
        days = [thai_date(bangkok_date(point.as_of - timedelta(days=1)), "short", lang=lang) for point in points]
        lines = [
            charts.Line(label("found"), "found", [point.counts["found"] for point in points]),
            charts.Line(label("returned_claimed"), "claim", [point.counts["returned_claimed"] for point in points]),
        ]
        rows = []
        for before, point, day in zip([None, *points], points, days, strict=False):
            row = {"day": day, "found": point.counts["found"], "claimed": point.counts["returned_claimed"]}
            if before is not None:
                row["found_more"] = point.counts["found"] - before.counts["found"]
                row["claimed_more"] = point.counts["returned_claimed"] - before.counts["returned_claimed"]
            rows.append(row)
        drawn = charts.trend(lines, days, label=_("แนวโน้มรายสัปดาห์"))
        return {"chart": drawn, "rows": rows[::-1]}

    def table(self, leaves: trees.Leaves) -> dict[str, Any] | None:
        """The units below, who lags first: most overdue, then least found."""
        if not self.by:
            return None
        overdue = self._overdue() if self.as_of is None else {}
        lines = trees.lines(leaves, self.by)
        units = parse_units({line.unit for line in lines})
        rows = [self._row(line, units[line.unit], overdue) for line in lines]
        rows.sort(key=lambda row: (-(row["overdue"] or 0), row["share"] if row["share"] is not None else 101))
        sums = total(leaves.values())
        return {
            "rows": rows[:SHOWN_BELOW],
            "left_out": max(len(rows) - SHOWN_BELOW, 0),
            "count": len(rows),
            "level": str(LEVEL_NAMES[self.by]),
            "columns": [{"short": label(key, SHORT), "full": label(key)} for key in COLUMNS],
            "sum": {
                "overdue": sum(row["overdue"] or 0 for row in rows) if self.as_of is None else None,
                "overdue_url": self.links.work("overdue"),
                "cells": [{"n": sums[key], "url": self.children(key)} for key in COLUMNS],
                "found": sums["found"],
                "target": sums["target"],
                "bar": charts.mini_bar(sums["found"], sums["target"]),
            },
        }

    def _row(self, line: trees.Line, unit: Unit, overdue: dict) -> dict[str, Any]:
        counts = line.counts
        open_to = may_look_at(self.person, unit) and not line.is_unassigned
        place = self.links.row(line, unit)
        key = (line.leaf.province_id, line.leaf.district_id, line.leaf.school_id) if line.leaf else (unit.pk,)
        return {
            "name": line.label,
            "url": self.links.dashboard(unit) if open_to else "",
            "overdue": overdue.get(key, 0) if self.as_of is None else None,
            "overdue_url": self.links.work("overdue", place),
            "cells": [{"n": counts[key], "url": self.links.children(key, place)} for key in COLUMNS],
            "found": counts["found"],
            "target": counts["target"],
            "share": percent(counts["found"], counts["target"]),
            "bar": charts.mini_bar(counts["found"], counts["target"]),
        }

    def _overdue(self) -> dict[tuple[int | None, ...], int]:
        """How many are overdue by the key of a line: the unit's own, or the three of a leaf where schools are shown."""
        columns = {"region": ["province__region_id"], "school": ["province_id", "district_id", "school_id"]}
        columns = columns.get(self.by, [f"{self.by}_id"])
        cases = Case.objects.filter(within(self.unit), stage__in=WORKING, due_at__lt=clock.now()).order_by()
        return {tuple(key): n for *key, n in cases.values_list(*columns).annotate(Count("pk"))}

    def map(self, leaves: trees.Leaves) -> dict[str, Any] | None:
        """The bubble map of all provinces, and its table, for units that reach over the country."""
        if self.unit.kind not in ("nation", "department"):
            return None
        by_province = trees.sum_by(leaves, "province")
        bubbles, rows = [], []
        for province in Province.objects.select_related("region"):
            counts = by_province.get(province.pk, Counts())
            url = self._province_url(province)
            bubbles.append(
                charts.Bubble(
                    province.name_th,
                    province.abbr_th,
                    province.lat,
                    province.lon,
                    counts["target"],
                    counts["found"],
                    url,
                )
            )
            if counts["target"]:
                share = percent(counts["found"], counts["target"])
                row = {"name": province.name_th, "url": url, "target": counts["target"], "share": share}
                rows.append(row | {"target_url": self.links.children("target", self.links.below(unit_of(province)))})
        rows.sort(key=lambda row: row["share"])
        return {
            "chart": charts.bubble_map(bubbles),
            "scale": charts.map_scale(),
            "rows": rows,
            "first": rows[:SHOWN_OF_MAP],
        }

    def _province_url(self, province: Province) -> str:
        unit = unit_of(province)
        return self.links.dashboard(unit) if may_look_at(self.person, unit) else ""


def parse_moment(text: str) -> datetime:
    """An ISO moment with a time zone, as it stands in our links. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time zone is needed")
    if not 1900 < moment.year < 9999:
        raise ValueError("no time zone can be reckoned at the ends of the calendar")
    return moment.astimezone(BANGKOK)


def sentence(check: Check) -> str:
    """An identity as one readable line with both sides."""
    sign = "✓" if check.holds else "✗"
    return f"{worded(check.identity, th_or_en)}: {check.left:,} / {check.right:,} {sign}"
