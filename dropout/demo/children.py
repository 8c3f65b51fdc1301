"""Fictional children as rows of the canonical list template, the same for the same seed."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import accumulate
from pathlib import Path

from django.conf import settings

from cases.identity import make_synthetic_id
from schools.thaitime import be_year

HEADINGS = (
    "เลขประจำตัวประชาชน",
    "คำนำหน้า",
    "ชื่อ",
    "นามสกุล",
    "วันเกิด",
    "ประเภท",
    "รหัสสถานศึกษา",
    "ชื่อสถานศึกษา",
    "ชั้นล่าสุด",
    "ตำบล",
    "อำเภอ",
    "จังหวัด",
    "ผู้ปกครอง",
    "โทรศัพท์",
    "บ้านเลขที่",
    "หมู่",
    "วันที่ติดตาม",
    "ผลการติดตาม",
    "สถานะ/สาเหตุ",
    "ความประสงค์",
    "กลับเข้าเรียน",
)
GRADES = {6: "อ.3", 7: "ป.1", 8: "ป.2", 9: "ป.3", 10: "ป.4", 11: "ป.5", 12: "ป.6", 13: "ม.1", 14: "ม.2", 15: "ม.3"}


def facts(name: str) -> list[dict[str, str]]:
    """One file of data/ as rows."""
    path: Path = settings.BASE_DIR / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def given_names() -> dict[str, list[str]]:
    rows = facts("given_names")
    return {sex: [row["name_th"] for row in rows if row["sex"] == sex] for sex in ("M", "F")}


@cache
def surnames() -> list[str]:
    """Surnames that are nobody's in the public corpus come first: in Thailand a surname belongs to one family."""
    rows = facts("surnames")
    return [row["surname_th"] for row in rows if row["also_in_public_names_corpus"] == "no"] or [
        row["surname_th"] for row in rows
    ]


@dataclass(frozen=True)
class Home:
    """Where a child lives and last learned; empty school = never in one, or not known."""

    school_code: str
    school_name: str
    tambon: str
    amphoe: str
    province: str


def make_child(rng: random.Random, serial: int, home: Home, category: str, today: date) -> dict[str, str]:
    """One row of a list. One child in twenty-five has no ID, one in thirty only a year of birth."""
    sex = rng.choice("MF")
    age = min(max(round(rng.gauss(12.5, 3)), 6), 17)
    born = date(today.year - age, rng.randint(1, 12), rng.randint(1, 28))
    young = age < 15
    title = ("ด.ช." if young else "นาย") if sex == "M" else ("ด.ญ." if young else "น.ส.")
    birth = f"{born.day}/{born.month}/{be_year(born)}" if rng.random() > 1 / 30 else str(be_year(born))
    surname = rng.choice(surnames())
    called, parent = rng.choice((("นาย", "M"), ("นาง", "F")))
    return {
        "เลขประจำตัวประชาชน": make_synthetic_id(serial) if rng.random() > 1 / 25 else "",
        "คำนำหน้า": title,
        "ชื่อ": rng.choice(given_names()[sex]),
        "นามสกุล": surname,
        "วันเกิด": birth,
        "ประเภท": category,
        "รหัสสถานศึกษา": home.school_code,
        "ชื่อสถานศึกษา": home.school_name,
        "ชั้นล่าสุด": GRADES.get(age, "ม.3") if category != "ตกหล่น" else "",
        "ตำบล": home.tambon,
        "อำเภอ": home.amphoe,
        "จังหวัด": home.province,
        "ผู้ปกครอง": f"{called}{rng.choice(given_names()[parent])} {surname}",
        "โทรศัพท์": f"08{rng.randint(0, 9)}-999-{rng.randint(0, 9999):04d}",
        "บ้านเลขที่": str(rng.randint(1, 240)),
        "หมู่": str(rng.randint(1, 14)),
    }


@cache
def published_causes() -> tuple[list[dict[str, str]], list[float]]:
    """The 19 lines of the published table and their cumulative weights."""
    causes = facts("causes")
    return causes, list(accumulate(float(one["pct_published"]) for one in causes))


def follow_up(rng: random.Random, row: dict[str, str], day: date) -> dict[str, str]:
    """The row with what an older sheet says was found on `day`: the work done before this system."""
    said = {"วันที่ติดตาม": f"{day.day}/{day.month}/{be_year(day)}"}
    result = rng.choices(["พบตัว", "อยู่ระหว่างติดตาม", "ไม่พบตัว"], weights=[5, 3, 2])[0]
    said["ผลการติดตาม"] = result
    if result == "พบตัว":
        causes, weights = published_causes()
        cause = rng.choices(causes, cum_weights=weights)[0]
        said["สถานะ/สาเหตุ"] = cause["label_th"]
        if cause["group"] == "found_out_of_education" and cause["slug"] != "deceased":
            said["ความประสงค์"] = rng.choice(["ประสงค์กลับเข้าเรียน", "ไม่ประสงค์กลับเข้าเรียน"])
    return row | said


def write_list(
    path: Path, rows: Iterator[dict[str, str]] | list[dict[str, str]], as_of: str, *, encoding: str = "utf-8-sig"
) -> int:
    """Write rows as a .csv list with a dated title line, as an office would send it; returns how many."""
    count = 0
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        file.write(f"บัญชีรายชื่อเด็ก,ข้อมูล ณ วันที่ {as_of}\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
