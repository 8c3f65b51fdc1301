"""Charts are drawn from plain numbers: what they say, what they refuse, and that nothing given to them can inject."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from reports import charts
from reports.charts import Bar, Bubble, FlowRow, Line, Segment

NASTY = '<script>alert("น้อง")</script>&'
TARGET = [
    Segment("รอเริ่ม", 186, "wait"),
    Segment("ติดตาม", 402, "track"),
    Segment("พบตัว", 1468, "found", "/cases/?figure=found&unit=nation"),
    Segment("ไม่พบตัว", 128, "lost"),
]
FOUND = [Segment("อยู่ในการศึกษาแล้ว", 772, "track"), Segment("อยู่นอกระบบ", 696, "found")]
PROVINCES = [
    Bubble("กรุงเทพมหานคร", "กทม", 13.756, 100.502, 4833, 3155, "/dashboard/province:10/"),
    Bubble("สมุทรปราการ", "สป", 13.623, 100.610, 2337, 2000),
    Bubble("นนทบุรี", "นบ", 13.889, 100.441, 2235, 1100),
    Bubble("ยะลา", "ยล", 6.541, 101.281, 0, 0),
]


def parsed(svg):
    return ET.fromstring(f"<body>{svg}</body>")


def every_chart(label):
    segments = [Segment(label, 3, "found", "/?a=1&b=2"), Segment("ข", 1, "lost")]
    return [
        charts.stacked_bar(segments),
        charts.key(segments),
        charts.flow([FlowRow(label, segments, url="/x/")]),
        charts.hbars([Bar(label, 2, "/x/")]),
        charts.trend([Line(label, "found", [1, 2])], [label, label], label=label),
        charts.bubble_map([Bubble(label, label, 13.0, 100.0, 5, 4, "/x/")]),
        charts.map_scale(),
        charts.mini_bar(1, 3),
    ]


def test_every_chart_escapes_what_it_is_given():
    for svg in every_chart(NASTY):
        assert "<script" not in svg
        parsed(svg)  # well-formed: every & and quote of a label was escaped


def test_every_chart_obeys_the_content_security_policy():
    for svg in every_chart("ก"):
        assert not re.search(r"\s(style|on\w+)=|<style|<script|javascript:", svg)


def test_stacked_bar_widths_add_up_to_the_whole_and_the_label_says_every_value():
    bar = parsed(charts.stacked_bar(TARGET)).find("svg")
    assert bar.get("role") == "img"
    assert bar.get("aria-label") == "รอเริ่ม 186 · ติดตาม 402 · พบตัว 1,468 · ไม่พบตัว 128"
    widths = [float(group.find("rect").get("width").rstrip("%")) for group in bar.findall("g")]
    assert math.isclose(sum(widths), 100, abs_tol=0.03)
    assert widths[2] == pytest.approx(100 * 1468 / 2184, abs=0.01)


def test_stacked_bar_leaves_out_a_number_that_would_not_fit_and_hatches_what_is_lost():
    svg = charts.stacked_bar([Segment("มาก", 990, "found"), Segment("น้อย", 4, "track"), Segment("หาย", 6, "lost")])
    assert [text.text for text in parsed(svg).iter("text")] == ["990"]
    assert svg.count("url(#hatch)") == 1


def test_stacked_bar_of_nobody_is_an_empty_track_and_divides_by_nothing():
    svg = charts.stacked_bar([Segment("รอเริ่ม", 0, "wait")])
    assert 'class="track"' in svg
    assert "<g>" not in svg


def test_segment_refuses_an_unknown_kind_and_a_negative_count():
    with pytest.raises(ValueError, match="unknown kind"):
        Segment("ก", 1, "mango")
    with pytest.raises(ValueError, match="cannot show -1"):
        Segment("ก", -1, "wait")


def test_key_links_each_value_to_its_children_and_rounds_half_up():
    text = charts.key(TARGET)
    assert '<a href="/cases/?figure=found&amp;unit=nation">พบตัว <b>1,468</b></a> 67.22%' in text
    assert "50.13%" in charts.key([Segment("ก", 401, "wait"), Segment("ข", 399, "track")])  # 50.125 goes up


def test_flow_joins_the_opened_segment_to_the_next_row_by_a_wedge():
    svg = charts.flow([FlowRow("เป้าหมาย", TARGET, opens=2), FlowRow("พบตัว", FOUND)])
    rows = parsed(svg).find("ul").findall("li")
    assert [row.find("div/b").text for row in rows] == ["2,184", "1,468"]
    assert 'd="M26.92 0H94.14L100 10H0z"' in svg
    assert svg.count("wedge") == 1


def test_flow_refuses_a_row_that_does_not_hold_what_the_row_above_opened():
    with pytest.raises(ValueError, match="holds 1468, but ติดตาม above it 402"):
        charts.flow([FlowRow("เป้าหมาย", TARGET, opens=1), FlowRow("พบตัว", FOUND)])
    with pytest.raises(ValueError, match="opens no segment"):
        charts.flow([FlowRow("เป้าหมาย", TARGET), FlowRow("พบตัว", FOUND)])


def test_hbars_stand_largest_first_with_value_and_share_of_the_named_base():
    svg = charts.hbars([Bar("เล็ก", 49), Bar("ใหญ่", 168, "/x/")], denominator=696)
    rows = parsed(svg).find("ol").findall("li")
    assert [row.find("b").text for row in rows] == ["168", "49"]
    assert [row.findall("span")[1].text for row in rows] == ["24.14%", "7.04%"]
    assert rows[0].find("svg/rect").get("width") == "100%"


def test_hbars_of_nothing_is_an_empty_list():
    assert charts.hbars([]) == '<ol class="hbars"></ol>'


def test_mini_bar_without_a_base_says_so_with_a_dash():
    assert ">–<" in charts.mini_bar(0, 0)
    assert 'class="c-found" width="29.69%"' in charts.mini_bar(19, 64)


def test_trend_label_tells_where_each_line_began_and_stands():
    svg = charts.trend(
        [Line("พบตัว", "found", [401, 520, 1468]), Line("ยืนยันแล้ว", "done", [12, None, 198])],
        ["16 พ.ค.", "23 พ.ค.", "30 พ.ค."],
        label="แนวโน้ม",
    )
    drawing = parsed(svg).findall("svg")[0]
    assert drawing.get("aria-label") == "แนวโน้ม: พบตัว 401 → 1,468; ยืนยันแล้ว 12 → 198"
    assert "30 พ.ค." in [text.text for text in drawing.iter("text")]


def test_trend_leaves_a_gap_where_a_value_is_not_known():
    svg = charts.trend([Line("พบตัว", "found", [1, 2, None, 4, 5])], list("กขคงจ"), label="ก")
    assert svg.count("<polyline") == 2


def test_trend_refuses_a_line_shorter_than_its_ticks():
    with pytest.raises(ValueError, match="2 values for 3 ticks"):
        charts.trend([Line("พบตัว", "found", [1, 2])], ["ก", "ข", "ค"], label="ก")


@pytest.mark.parametrize("highest", [0, 1, 3, 4, 5, 9, 17, 99, 101, 999, 1468, 16001, 110755, 1025514])
def test_trend_axis_is_round_holds_the_highest_value_and_counts_whole_children(highest):
    svg = charts.trend([Line("พบตัว", "found", [highest])], ["ก"], label="ก")
    marks = [int(t.text.replace(",", "")) for t in parsed(svg).iter("text") if t.get("class") == "end"]
    assert len(marks) == 5
    assert marks[-1] >= highest
    assert {b - a for a, b in pairwise(marks)} == {marks[1]}
    assert marks[-1] <= max(4, 2 * highest)


def test_bubbles_never_overlap_and_stay_where_they_are_every_time():
    crowd = [Bubble(f"จ{i}", "จ", 13.5 + i % 5 / 20, 100.4 + i // 5 / 20, 900 * (i % 7), 1) for i in range(25)]
    first = charts.bubble_map(crowd)
    circles = [tuple(float(c.get(k)) for k in ("cx", "cy", "r")) for c in parsed(first).iter("circle")]
    assert len(circles) == 25
    for index, (x, y, radius) in enumerate(circles):
        for other_x, other_y, other_radius in circles[index + 1 :]:
            assert math.hypot(x - other_x, y - other_y) >= radius + other_radius - 0.5
    assert charts.bubble_map(list(reversed(crowd))) == first


def test_bubbles_on_one_point_are_parted():
    svg = charts.bubble_map([Bubble("ก", "ก", 13.0, 100.0, 5, 4), Bubble("ข", "ข", 13.0, 100.0, 5, 4)])
    assert len({circle.get("cx") for circle in parsed(svg).iter("circle")}) == 2


def test_map_colours_by_class_of_the_share_and_shows_no_share_where_there_are_no_children():
    svg = charts.bubble_map(PROVINCES)
    drawn = {group.find("title").text: group.find("circle").get("class") for group in parsed(svg).find("svg")}
    assert drawn == {
        "กรุงเทพมหานคร 3,155 / 4,833 (65.28%)": "m3",
        "สมุทรปราการ 2,000 / 2,337 (85.58%)": "m5",
        "นนทบุรี 1,100 / 2,235 (49.22%)": "m1",
        "ยะลา 0 / 0 (–)": "m0",
    }


def test_few_provinces_are_large_and_carry_their_numbers_and_empty_ones_are_dots():
    drawn = {group.find("title").text.split()[0]: group for group in parsed(charts.bubble_map(PROVINCES)).find("svg")}
    assert [text.text for text in drawn["สมุทรปราการ"].iter("text")] == ["สมุทรปราการ", "2,337"]
    assert list(drawn["ยะลา"].iter("text")) == []
    assert float(drawn["ยะลา"].find(".//circle").get("r")) < 5
    many = [Bubble(f"จ{n}", f"{n}", 13 + n / 10, 100.0, 50, 5) for n in range(20)]
    texts = [text.text for text in parsed(charts.bubble_map(many)).iter("text")]
    assert sorted(texts) == sorted(str(n) for n in range(20))


def test_map_is_hidden_from_screen_readers_and_from_the_tab_order():
    drawing = parsed(charts.bubble_map(PROVINCES)).find("svg")
    assert drawing.get("aria-hidden") == "true"
    assert [link.get("tabindex") for link in drawing.iter("a")] == ["-1"]


def test_map_scale_names_five_classes():
    words = [item.find("svg").tail for item in parsed(charts.map_scale()).iter("li")]
    assert words == ["< 55", "55–65", "65–75", "75–85", "≥ 85"]
