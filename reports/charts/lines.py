"""The trend: lines over time, named in a key above them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reports.charts.drawing import coordinate
from schools.numerals import grouped


@dataclass(frozen=True)
class Line:
    """A series over time; `None` where the value is not known leaves a gap."""

    label: str
    kind: str
    values: Sequence[int | None]

    def __post_init__(self):
        if self.kind not in {"found", "done", "claim"}:
            raise ValueError(f"unknown kind of line: {self.kind!r}")


_PLOT_LEFT, _PLOT_WIDTH = 10.0, 80.0  # per cent
_PLOT_TOP, _PLOT_HEIGHT = 10.0, 190.0  # pixels


def trend(lines: Sequence[Line], ticks: Sequence[str], *, label: str) -> SafeString:
    """Lines over time with one tick label per point (at most five are printed). All lines have the ticks' length.

    The key above names each line with its last value, so that no label has to fit at the end of a line on a phone.
    """
    for line in lines:
        if len(line.values) != len(ticks):
            raise ValueError(f"{line.label} has {len(line.values)} values for {len(ticks)} ticks")
    top = _axis_top(max((value for line in lines for value in line.values if value is not None), default=0))
    said = "; ".join(f"{line.label} {_first_to_last(line.values)}" for line in lines)
    return format_html(
        '{}<svg class="chart" height="235" role="img" aria-label="{}: {}">{}{}{}</svg>',
        _trend_key(lines),
        label,
        said,
        _grid(top),
        _tick_labels(ticks),
        format_html_join("", "{}", ((_trend_line(line, top),) for line in lines)),
    )


def _trend_key(lines: Sequence[Line]) -> SafeString:
    return format_html(
        '<ul class="key">{}</ul>',
        format_html_join(
            "",
            '<li><svg class="stroke" aria-hidden="true"><line class="l-{}" x1="0" x2="100%" y1="50%" y2="50%"/></svg>'
            "{} <b>{}</b></li>",
            ((line.kind, line.label, grouped(_last(line.values))) for line in lines),
        ),
    )


def _axis_top(highest: int) -> int:
    """A round number ≥ `highest` that four equal steps divide into whole children."""
    step = max(1, math.ceil(highest / 4))
    magnitude = 10 ** (len(str(step)) - 1)
    for factor in (1, 2, 2.5, 3, 4, 5, 10):
        rounded = factor * magnitude
        if rounded >= step and rounded == int(rounded):
            return 4 * int(rounded)
    return 40 * magnitude


def _grid(top: int) -> SafeString:
    left, right = coordinate(_PLOT_LEFT), coordinate(_PLOT_LEFT + _PLOT_WIDTH)
    words = coordinate(_PLOT_LEFT - 1.2)
    rows = []
    for quarter in range(5):
        y = _PLOT_TOP + _PLOT_HEIGHT * (1 - quarter / 4)
        value = grouped(top * quarter // 4)
        rows.append((left, right, coordinate(y), coordinate(y), words, coordinate(y + 4), value))
    return format_html_join(
        "", '<line class="grid" x1="{}%" x2="{}%" y1="{}" y2="{}"/><text class="end" x="{}%" y="{}">{}</text>', rows
    )


def _tick_labels(ticks: Sequence[str]) -> SafeString:
    """At most four labels, the newest always among them."""
    if not ticks:
        return SafeString("")
    stride = max(1, math.ceil((len(ticks) - 1) / 3))
    chosen = range(len(ticks) - 1, -1, -stride)
    y = coordinate(_PLOT_TOP + _PLOT_HEIGHT + 22)
    return format_html_join(
        "",
        '<text class="mid" x="{}%" y="{}">{}</text>',
        ((coordinate(_PLOT_LEFT + _PLOT_WIDTH * _across(i, len(ticks)) / 100), y, ticks[i]) for i in sorted(chosen)),
    )


def _trend_line(line: Line, top: int) -> SafeString:
    """The line itself, cut where a value is missing, with a dot on its newest known value."""
    runs, run = [], []
    for index, value in enumerate(line.values):
        if value is None:
            runs.append(run)
            run = []
        else:
            run.append(f"{coordinate(_across(index, len(line.values)))},{coordinate(100 - 100 * value / top)}")
    runs.append(run)
    drawn = format_html_join(
        "",
        '<polyline class="l-{}" points="{}"/>',
        ((line.kind, " ".join(points)) for points in runs if len(points) > 1),
    )
    known = [(index, value) for index, value in enumerate(line.values) if value is not None]
    dot: SafeString | str = ""
    if known:
        index, value = known[-1]
        dot = format_html(
            '<circle class="c-{}" cx="{}%" cy="{}" r="4"/>',
            line.kind,
            coordinate(_PLOT_LEFT + _PLOT_WIDTH * _across(index, len(line.values)) / 100),
            coordinate(_PLOT_TOP + _PLOT_HEIGHT * (1 - value / top)),
        )
    return format_html(
        '<svg x="{}%" y="{}" width="{}%" height="{}" viewBox="0 0 100 100" preserveAspectRatio="none" '
        'overflow="visible">{}</svg>{}',
        coordinate(_PLOT_LEFT),
        coordinate(_PLOT_TOP),
        coordinate(_PLOT_WIDTH),
        coordinate(_PLOT_HEIGHT),
        drawn,
        dot,
    )


def _across(index: int, count: int) -> float:
    """How far along the time axis a point stands, in per cent; a single point stands at its end."""
    return 100.0 if count == 1 else 100 * index / (count - 1)


def _last(values: Sequence[int | None]) -> int | None:
    return next((value for value in reversed(values) if value is not None), None)


def _first_to_last(values: Sequence[int | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{grouped(known[0])} → {grouped(known[-1])}" if known else grouped(None)
