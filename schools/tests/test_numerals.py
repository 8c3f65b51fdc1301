"""How numbers are written, against figures published by the ministry."""

from decimal import Decimal

import pytest

from schools import numerals


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(916, 1340, "68.36%"), (134, 179, "74.86%"), (1, 800, "0.13%"), (0, 5, "0.00%"), (5, 5, "100.00%")],
)
def test_percent_is_two_decimals_half_up(part, whole, printed):
    assert numerals.percent_text(part, whole) == printed


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (1, None), (None, 4)])
def test_percent_without_a_base_is_a_dash_and_no_number(part, whole):
    assert numerals.percent_text(part, whole) == "–"
    assert numerals.percentage(part, whole) is None


def test_percentage_is_exact_not_binary():
    assert numerals.percentage(1005, 100000) == Decimal("1.01")  # 1.005 as a float would round down


def test_grouped_and_signed_use_commas_and_a_real_minus():
    assert [numerals.grouped(n) for n in (0, 110755, -1986, None)] == ["0", "110,755", "−1,986", "–"]
    assert [numerals.signed(n) for n in (0, 531, -53, None)] == ["0", "+531", "−53", "–"]
