"""The bench runs from an empty machine's state to its table; what it measures is not judged here."""

import re

import pytest

from dropout.bench.measuring import Row, in_turn, table
from dropout.demo.nation import CHILDREN, PUBLISHED, _quotas, province_shares


def row(**changed) -> Row:
    return Row(**{"work": "w", "floor": "f", "floor_seconds": 2.0, "seconds": 5.0, "aim": 2, "runs": 5} | changed)


def test_row_over_its_aim_says_by_how_much():
    assert row().verdict == "≤ 2 ✗ (1.2 × over)"
    assert row(seconds=4.0).verdict == "≤ 2 ✓"


def test_rivals_and_memory_stand_beside_the_floor():
    printed = table([row(rivals={"openpyxl": 20.0}, memory=301)])
    assert "openpyxl 10" in printed
    assert "301 ✗" in printed


def test_sides_run_in_turn_and_give_their_medians():
    order = []

    def side(name, seconds):
        left = iter(seconds)
        return lambda: order.append(name) or next(left)

    assert in_turn(3, floor=side("floor", [1, 9, 2]), ours=side("ours", [5, 4, 6])) == {"floor": 2, "ours": 5}
    assert order == ["floor", "ours"] * 3


def test_nation_has_the_published_skew_and_adds_up():
    schools = {province: [None] * count for province, count in _quotas().items()}
    shares = province_shares(schools)
    assert sum(shares.values()) == CHILDREN
    assert {province: shares[province] for province in PUBLISHED} == PUBLISHED
    assert len(shares) == 77
    assert sum(map(len, schools.values())) == 32_000


@pytest.mark.slow
@pytest.mark.postgres
def test_bench_runs_end_to_end_and_writes_its_table(tmp_path, monkeypatch):
    import os
    import subprocess
    import sys

    outside = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATA_DIR")}
    out = tmp_path / "bench.md"
    command = [sys.executable, "-m", "dropout.bench", "--rows", "400", "--runs", "1", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=outside)
    assert done.returncode == 0, done.stderr[-3_000:]
    text = out.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!work|---)(.+?) \|", text, flags=re.MULTILINE)
    assert len(rows) == 14, rows
    assert text.count("**") == 2 * len(rows)  # every row has its ratio
    assert str(tmp_path) not in text
