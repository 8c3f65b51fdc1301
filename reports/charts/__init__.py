"""Figures → accessible SVG. Alone owns how a chart is drawn; knows no model, no request and no figure's meaning.

Every function takes plain numbers and labels and gives a safe string built by escaping each value. Drawing uses
attributes and classes only (the CSP forbids style=): `x` and `width` are in per cent and heights in pixels, so text
never stretches. Each chart stands beside a table that holds the same values: the table is the real thing.
"""

from reports.charts.bars import KINDS, Bar, FlowRow, Segment, flow, hbars, key, mini_bar, stacked_bar
from reports.charts.bubbles import MAP_BREAKS, Bubble, bubble_map, map_scale
from reports.charts.lines import Line, trend

__all__ = [
    "KINDS",
    "MAP_BREAKS",
    "Bar",
    "Bubble",
    "FlowRow",
    "Line",
    "Segment",
    "bubble_map",
    "flow",
    "hbars",
    "key",
    "map_scale",
    "mini_bar",
    "stacked_bar",
    "trend",
]
