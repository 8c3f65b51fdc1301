"""Bars: the ladder as one bar or as a flow of bars, sorted bars, and the small bar in a table cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from reports.charts.drawing import coordinate, linked
from schools.numerals import grouped, percent_text

KINDS = frozenset({"wait", "track", "found", "claim", "done", "lost", "due", "bad"})
_BAR_HEIGHT = 28
_ROOM_PER_CHARACTER = 1.9  # per cent of a phone-wide bar that one digit of a value needs


@dataclass(frozen=True)
class Segment:
    """A part of a bar: `value` children; `kind` names the colour (and hatch) of the ladder; `url` opens them."""

    label: str
    value: int
    kind: str
    url: str = ""

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of segment: {self.kind!r}")
        if self.value < 0:
            raise ValueError(f"a bar cannot show {self.value} of {self.label}")


@dataclass(frozen=True)
class FlowRow:
    """A row of the flow. `opens` is the index of the segment that the next row divides further."""

    label: str
    segments: Sequence[Segment]
    opens: int | None = None
    url: str = ""

    @property
    def total(self) -> int:
        return sum(segment.value for segment in self.segments)


@dataclass(frozen=True)
class Bar:
    """One row of a sorted bar chart."""

    label: str
    value: int
    url: str = ""


def stacked_bar(segments: Sequence[Segment]) -> SafeString:
    """One bar of 100 %, a picture whose label says every value. An empty one is drawn as an empty track."""
    label = " · ".join(f"{segment.label} {grouped(segment.value)}" for segment in segments)
    total = sum(segment.value for segment in segments)
    if not total:
        body = format_html('<rect class="track" width="100%" height="{}"/>', _BAR_HEIGHT)
    else:
        parts, start = [], 0
        for segment in segments:
            if segment.value:
                parts.append((_bar_part(segment, start, total),))
            start += segment.value
        body = format_html_join("", "{}", parts)
    return format_html(
        '<svg class="chart bar" height="{}" role="img" aria-label="{}">{}</svg>', _BAR_HEIGHT, label or "0", body
    )


def _bar_part(segment: Segment, start: int, total: int) -> SafeString:
    x, width = 100 * start / total, 100 * segment.value / total
    shown = grouped(segment.value)
    text: SafeString | str = ""
    # the hatch would make digits on it hard to read, and a narrow segment has no room; the key holds the value anyway
    if segment.kind != "lost" and width > 3 + _ROOM_PER_CHARACTER * len(shown):
        text = format_html(
            '<text class="v mid t-{}" x="{}%" y="18.6">{}</text>', segment.kind, coordinate(x + width / 2), shown
        )
    return format_html(
        "<g><title>{} {}</title>{}{}</g>",
        segment.label,
        ngettext("%(n)s คน", "%(n)s คน", segment.value) % {"n": shown},
        _swatch(segment.kind, f"{coordinate(x)}%", f"{coordinate(width)}%", _BAR_HEIGHT),
        text,
    )


def _swatch(kind: str, x: str, width: str, height: int | str) -> SafeString:
    """A rectangle of one kind; what is lost is hatched so that it reads in grey."""
    plain = format_html('<rect class="c-{}" x="{}" width="{}" height="{}"/>', kind, x, width, height)
    if kind != "lost":
        return plain
    return plain + format_html('<rect fill="url(#hatch)" x="{}" width="{}" height="{}"/>', x, width, height)


def key(segments: Sequence[Segment], total: int | None = None) -> SafeString:
    """The key of a bar as a list: label, value (a link where there is one) and its share of `total`."""
    base = sum(segment.value for segment in segments) if total is None else total
    return format_html(
        '<ul class="key">{}</ul>',
        format_html_join(
            "",
            '<li><svg aria-hidden="true">{}</svg>{} {}</li>',
            (
                (
                    _swatch(segment.kind, "0", "100%", "100%"),
                    linked(segment.url, format_html("{} <b>{}</b>", segment.label, grouped(segment.value))),
                    percent_text(segment.value, base),
                )
                for segment in segments
            ),
        ),
    )


def flow(rows: Sequence[FlowRow]) -> SafeString:
    """Many children over their ladder: each row opens one segment of the row above, joined by a wedge.

    Raises ValueError where a row does not hold exactly what the segment above it holds: such a picture would lie.
    """
    for above, below in pairwise(rows):
        if above.opens is None:
            raise ValueError(f"{above.label} opens no segment, yet {below.label} follows it")
        opened = above.segments[above.opens]
        if opened.value != below.total:
            raise ValueError(f"{below.label} holds {below.total}, but {opened.label} above it {opened.value}")
    items = ((_flow_row(row, last=index == len(rows) - 1),) for index, row in enumerate(rows))
    return format_html('<ul class="flow">{}</ul>', format_html_join("", "{}", items))


def _flow_row(row: FlowRow, *, last: bool) -> SafeString:
    return format_html(
        '<li><div class="head"><span>{}</span> <b>{}</b></div><div>{}{}</div>{}</li>',
        row.label,
        linked(row.url, grouped(row.total)),
        key(row.segments),
        stacked_bar(row.segments),
        "" if last or row.opens is None else _wedge(row),
    )


def _wedge(row: FlowRow) -> SafeString:
    """The opened segment widening into the whole width of the next row."""
    total = row.total or 1
    start = sum(segment.value for segment in row.segments[: row.opens])
    left, right = 100 * start / total, 100 * (start + row.segments[row.opens].value) / total
    return format_html(
        '<svg class="wedge" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M{} 0H{}L100 10H0z"/></svg>',
        coordinate(left),
        coordinate(right),
    )


def hbars(rows: Iterable[Bar], *, denominator: int | None = None, kind: str = "claim") -> SafeString:
    """A list of bars, largest first, each with its value and its share of `denominator` (default: their sum)."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of bar: {kind!r}")
    ordered = sorted(rows, key=lambda row: -row.value)
    base = sum(row.value for row in ordered) if denominator is None else denominator
    largest = max((row.value for row in ordered), default=0) or 1
    items = (
        (linked(row.url, row.label), kind, coordinate(100 * row.value / largest), grouped(row.value),
         percent_text(row.value, base))
        for row in ordered
    )  # fmt: skip
    return format_html(
        '<ol class="hbars">{}</ol>',
        format_html_join(
            "",
            '<li><span class="name">{}</span><svg class="chart" height="14" aria-hidden="true">'
            '<rect class="c-{}" width="{}%" height="14" rx="2"/></svg><b>{}</b><span>{}</span></li>',
            items,
        ),
    )


def mini_bar(value: int | None, denominator: int | None, *, kind: str = "found") -> SafeString:
    """A share inside a table cell: a small bar, hidden from screen readers, and the percentage as text."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of bar: {kind!r}")
    width = min(100.0, 100 * value / denominator) if value and denominator else 0.0
    return format_html(
        '<span class="mini"><svg class="chart" height="10" aria-hidden="true"><rect class="track" width="100%" '
        'height="10" rx="2"/><rect class="c-{}" width="{}%" height="10" rx="2"/></svg>'
        '<span class="num">{}</span></span>',
        kind,
        coordinate(width),
        percent_text(value, denominator),
    )
