"""The map of provinces: bubbles near their centroids, moved apart as little as may be."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reports.charts.drawing import coordinate
from schools.numerals import grouped, percent_text


@dataclass(frozen=True)
class Bubble:
    """A province on the map: `size` sets the area, `part` of `size` its class of colour."""

    name: str
    abbreviation: str
    latitude: float
    longitude: float
    size: int
    part: int
    url: str = ""


MAP_BREAKS = (55, 65, 75, 85)
_RADII = (10.0, 12.0, 14.5, 18.0, 23.0)  # few sizes, so that the layout below is computed once and kept
_FEW = 15  # provinces with children: so few are drawn large, each with its number
_RADII_OF_FEW = (24.0, 26.0, 28.0, 31.0, 35.0)
_DOT = 3.5  # a province without children: it only shows where the others lie
_UNITS_PER_DEGREE = 48.0
_WEST, _NORTH, _MIDDLE = 97.3, 20.6, math.radians(13.5)


def bubble_map(bubbles: Sequence[Bubble], *, breaks: Sequence[int] = MAP_BREAKS) -> SafeString:
    """The provinces as bubbles near their centroids: area says how many, colour the class of `part` in `size`.

    A province without children is a dot. Where few have any, theirs are large and carry their numbers.

    Hidden from screen readers and the tab order: the table under it has the same links and values. Deterministic.
    """
    if not bubbles:
        return SafeString("")
    ordered = sorted(bubbles, key=lambda bubble: (-bubble.size, bubble.name))
    few = sum(bubble.size > 0 for bubble in ordered) <= _FEW
    radii = _radius_classes([bubble.size for bubble in ordered], _RADII_OF_FEW if few else _RADII)
    spots = tuple(
        (round(bubble.longitude, 3), round(bubble.latitude, 3), radius)
        for bubble, radius in zip(ordered, radii, strict=True)
    )
    places = _settle(spots)
    box = _view_box(places, radii)
    written = [_words(bubble, numbered=few) for bubble in ordered]
    drawn = (
        (_bubble(bubble, x, y, radius, breaks, words),)
        for bubble, (x, y), radius, words in zip(ordered, places, radii, written, strict=True)
    )
    return format_html(
        '<svg class="map" viewBox="{}" aria-hidden="true">{}</svg>', box, format_html_join("", "{}", drawn)
    )


def map_scale(breaks: Sequence[int] = MAP_BREAKS) -> SafeString:
    """The legend of the map: its five classes of colour from low to high, in per cent."""
    words = [f"< {breaks[0]}", *(f"{a}–{b}" for a, b in pairwise(breaks)), f"≥ {breaks[-1]}"]
    return format_html(
        '<ul class="scale">{}</ul>',
        format_html_join(
            "",
            '<li><svg aria-hidden="true"><rect class="m{}" width="100%" height="100%"/></svg>{}</li>',
            enumerate(words, start=1),
        ),
    )


def _words(bubble: Bubble, *, numbered: bool) -> tuple[str, ...]:
    """The lines written in a bubble: nothing in a dot."""
    if not bubble.size:
        return ()
    return (bubble.name, grouped(bubble.size)) if numbered else (bubble.abbreviation,)


def _bubble(
    bubble: Bubble, x: float, y: float, radius: float, breaks: Sequence[int], words: tuple[str, ...]
) -> SafeString:
    shade = 1 + sum(100 * bubble.part >= edge * bubble.size for edge in breaks) if bubble.size else 0
    first = y + 3.5 - 6.5 * (len(words) - 1)
    lines = ((shade, coordinate(x), coordinate(first + 13 * place), line) for place, line in enumerate(words))
    drawing = format_html(
        '<title>{} {} / {} ({})</title><circle class="m{}" cx="{}" cy="{}" r="{}"/>{}',
        bubble.name,
        grouped(bubble.part),
        grouped(bubble.size),
        percent_text(bubble.part, bubble.size),
        shade,
        coordinate(x),
        coordinate(y),
        coordinate(radius),
        format_html_join("", '<text class="m{}-t" x="{}" y="{}">{}</text>', lines),
    )
    if not bubble.url:
        return format_html("<g>{}</g>", drawing)
    return format_html('<a href="{}" tabindex="-1">{}</a>', bubble.url, drawing)


def _radius_classes(sizes: Sequence[int], radii: Sequence[float]) -> tuple[float, ...]:
    """Five radii by the square root of the size, so that area follows the number of children; a dot for none."""
    root = math.sqrt(max(sizes, default=0)) or 1.0
    return tuple(radii[min(4, int(5 * math.sqrt(size) / root))] if size else _DOT for size in sizes)


@lru_cache(maxsize=64)
def _settle(spots: tuple[tuple[float, float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Bubbles moved apart as little as may be: each is pulled home while overlaps push, then only pushed."""
    homes = [
        ((lon - _WEST) * math.cos(_MIDDLE) * _UNITS_PER_DEGREE, (_NORTH - lat) * _UNITS_PER_DEGREE)
        for lon, lat, _ in spots
    ]
    near = [
        (a, b)
        for a in range(len(spots))
        for b in range(a + 1, len(spots))
        if math.dist(homes[a], homes[b]) < 4 * (spots[a][2] + spots[b][2])
    ]
    places = [list(home) for home in homes]
    for turn in range(160):
        if turn < 100:
            for place, home in zip(places, homes, strict=True):
                place[0] += 0.08 * (home[0] - place[0])
                place[1] += 0.08 * (home[1] - place[1])
        if not _push_apart(places, spots, near) and turn >= 100:
            break
    return tuple((round(x, 1), round(y, 1)) for x, y in places)


def _push_apart(places: list[list[float]], spots: Sequence[tuple], near: Sequence[tuple[int, int]]) -> bool:
    """One pass over the pairs; the smaller bubble gives way more. True while any pair still overlapped."""
    moved = False
    for a, b in near:
        dx, dy = places[b][0] - places[a][0], places[b][1] - places[a][1]
        gap = math.hypot(dx, dy)
        overlap = spots[a][2] + spots[b][2] + 1.0 - gap
        if overlap <= 0.05:
            continue
        moved = True
        if gap < 1e-6:  # two centroids on one point: part them the same way every time
            dx, dy, gap = 1.0, 0.0, 1.0
        share = spots[b][2] ** 2 / (spots[a][2] ** 2 + spots[b][2] ** 2)
        ux, uy = dx / gap * overlap, dy / gap * overlap
        places[a][0] -= ux * share
        places[a][1] -= uy * share
        places[b][0] += ux * (1 - share)
        places[b][1] += uy * (1 - share)
    return moved


def _view_box(places: Sequence[tuple[float, float]], radii: Sequence[float]) -> str:
    left = min(x - r for (x, _), r in zip(places, radii, strict=True)) - 2
    top = min(y - r for (_, y), r in zip(places, radii, strict=True)) - 2
    right = max(x + r for (x, _), r in zip(places, radii, strict=True)) + 2
    bottom = max(y + r for (_, y), r in zip(places, radii, strict=True)) + 2
    return f"{coordinate(left)} {coordinate(top)} {coordinate(right - left)} {coordinate(bottom - top)}"
