"""The nation for measuring: some 32,000 schools under every office, and the published 1,025,514 children over them.

Real places; real school names only where the facts have them, elsewhere a tambon's own name. Children are fictional.
Source of the skew: issue 2 §8 (six provinces published; the rest is spread by their number of tambons).
"""

import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import accumulate

from dropout.demo.children import Home, facts, follow_up, make_child
from dropout.demo.places import sample_schools
from schools import clock
from schools.school_import import import_rows
from schools.thaitime import bangkok_date

CHILDREN = 1_025_514
PUBLISHED = {"10": 137_704, "63": 65_371, "50": 36_888, "20": 35_081, "11": 30_772, "30": 28_896}
SCHOOLS = 32_000
BANGKOK = "10"
WITHOUT_SCHOOL = 0.12
FOLLOWED_UP = 1 / 3
CATEGORIES = (("ตกหล่น", 48), ("ออกกลางคัน", 48), ("ไม่มีชื่อในระบบแต่พบตัว", 4))
PRIMARY = (
    "โรงเรียนบ้าน{}",
    "โรงเรียนวัด{}",
    "โรงเรียนชุมชน{}",
    "โรงเรียนบ้านใหม่{}",
    "โรงเรียนบ้าน{}เหนือ",
    "โรงเรียนบ้าน{}ใต้",
    "โรงเรียน{}สามัคคี",
)
OF_BANGKOK = ("โรงเรียนวัด{} (กทม.)", "โรงเรียน{}วิทยาคาร (กทม.)", "โรงเรียนบ้าน{} (กทม.)")

Schools = dict[str, list[Home]]  # province code → its schools, those with most children first


# ── schools ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def import_national_schools(say=print) -> Schools:
    """Take some 32,000 schools in by the road of a school list; returns them by province.

    Raises RuntimeError where a row is refused: the facts or the spreading are wrong then.
    """
    rows = [row for province in _quotas() for row in _rows_of(province)]
    outcome = import_rows(enumerate(rows, start=2))
    if outcome.refusals:
        raise RuntimeError(f"The nation's schools were refused: {outcome.refusals[:3]}")
    say(f"{outcome.new} schools, {outcome.unchanged} known already")
    schools: Schools = defaultdict(list)
    for row in rows:
        home = Home(row["รหัสสถานศึกษา"], row["ชื่อสถานศึกษา"], row["ตำบล"], row["อำเภอ"], row["จังหวัด"])
        schools[row["รหัสสถานศึกษา"][:2]].append(home)
    return dict(schools)


@cache
def _tambons() -> dict[str, list[dict[str, str]]]:
    """province code → its tambons, each with the names of its amphoe and province."""
    amphoes = {row["amphoe_code"]: row["name_th"] for row in facts("amphoes")}
    provinces = {row["province_code"]: row["name_th"] for row in facts("provinces")}
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in facts("tambons"):
        named = {"amphoe_th": amphoes[row["amphoe_code"]], "province_th": provinces[row["province_code"]]}
        found[row["province_code"]].append(row | named)
    return found


@cache
def _quotas() -> dict[str, int]:
    """How many schools each province has: the sample's own, elsewhere by the number of tambons."""
    sampled = {province: len(rows) for province, rows in sample_schools().items()}
    tambons = {province: len(rows) for province, rows in _tambons().items() if province not in sampled}
    return sampled | _spread(SCHOOLS - sum(sampled.values()), tambons)


def _spread(whole: int, weights: dict[str, int]) -> dict[str, int]:
    """`whole` divided by weight into whole numbers that add up to it."""
    ends = [whole * part // sum(weights.values()) for part in accumulate(weights.values())]
    return {key: end - start for key, start, end in zip(weights, [0, *ends], ends, strict=False)}


def _rows_of(province: str) -> Iterator[dict[str, str]]:
    """The school list of one province."""
    if province in sample_schools():
        for row in sample_schools()[province]:
            place = (
                row if row["tambon_code"] else row | {"tambon_th": ""}
            )  # two name a tambon that is none of its amphoe
            yield _row(row["code"], row["name_th"], place, office=row["district_code_guess"])
        return
    made = _synthetic(province)
    for number, (name, tambon, office, line) in zip(range(1, _quotas()[province] + 1), made, strict=False):
        yield _row(f"{province}99{number:04d}", name, tambon, office=office, line=line)


def _row(code: str, name: str, place: dict[str, str], *, office: str = "", line: str = "") -> dict[str, str]:
    return {
        "รหัสสถานศึกษา": code,
        "ชื่อสถานศึกษา": name,
        "เขตพื้นที่": office,
        "สังกัด": line,
        "ตำบล": place["tambon_th"] if "tambon_th" in place else place["name_th"],
        "อำเภอ": place["amphoe_th"],
        "จังหวัด": place["province_th"],
    }


def _synthetic(province: str) -> Iterator[tuple[str, dict[str, str], str, str]]:
    """(name, tambon, office code, line) without end: first what an amphoe has one of, then tambon after tambon."""
    tambons = _tambons()[province]
    primary, secondary = _offices(province, tambons, "obec_primary"), _offices(province, tambons, "obec_secondary")
    seats = {row["amphoe_code"]: row for row in reversed(tambons)}  # the first tambon of each amphoe
    for seat in reversed(seats.values()):
        amphoe = seat["amphoe_th"]
        yield f"โรงเรียน{amphoe}วิทยาคม", seat, secondary[seat["amphoe_code"]], ""
        yield f"สกร.ระดับอำเภอ{amphoe}", seat, "", "สกร."
        yield f"โรงเรียน{amphoe}ศึกษา (เอกชน)", seat, "", "สช."
        yield f"โรงเรียนเทศบาล{amphoe}", seat, "", "กทม." if province == BANGKOK else "อปท."
    yield f"วิทยาลัยเทคนิค{tambons[0]['province_th']}", tambons[0], "", "สอศ."
    forms = [*((form, "กทม.") for form in OF_BANGKOK if province == BANGKOK), *((form, "") for form in PRIMARY)]
    for turn in range(1_000):
        form, line = forms[turn % len(forms)]
        for tambon in tambons:
            again = f" {turn // len(forms) + 1}" if turn >= len(forms) else ""
            yield form.format(tambon["name_th"]) + again, tambon, "" if line else primary[tambon["amphoe_code"]], line


def _offices(province: str, tambons: list[dict[str, str]], kind: str) -> dict[str, str]:
    """amphoe → its office. Which amphoe is whose is not public: neighbouring amphoes share one, in order of codes."""
    offices = [
        row["code"]
        for row in facts("districts")
        if row["kind"] == kind and province in row["province_codes"].split(";")
    ]
    amphoes = sorted({row["amphoe_code"] for row in tambons})
    return {amphoe: offices[at * len(offices) // len(amphoes)] for at, amphoe in enumerate(amphoes)}


# ── children ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def province_shares(provinces: Schools, children: int = CHILDREN) -> dict[str, int]:
    """How many children each province has: as published (in proportion, if `children` is another number), else by
    its number of schools."""
    published = {code: count * children // CHILDREN for code, count in PUBLISHED.items()}
    rest = {code: len(schools) for code, schools in provinces.items() if code not in published}
    return published | _spread(children - sum(published.values()), rest)


def national_rows(rng: random.Random, schools: Schools, children: int = CHILDREN) -> Iterator[dict[str, str]]:
    """`children` rows of the canonical list, province by province; one in three followed up, some without a school."""
    today = bangkok_date(clock.now())
    shares, written = province_shares(schools, children), _Written()
    categories = [category for category, weight in CATEGORIES for _ in range(weight)]
    serial = 0
    for province, count in sorted(shares.items()):
        homes = schools[province]
        rng.shuffle(homes)
        weights = list(accumulate(1 / (rank + 20) for rank in range(len(homes))))
        for _ in range(count):
            home = homes[bisect(weights, rng.random() * weights[-1], 0, len(homes) - 1)]
            if rng.random() < WITHOUT_SCHOOL:
                home = Home("", "", home.tambon, home.amphoe, home.province)
            serial += 1
            row = make_child(rng, serial, home, rng.choice(categories), today)
            while written.is_double(row):
                row = make_child(rng, serial, home, rng.choice(categories), today)
            if rng.random() < FOLLOWED_UP:
                row = follow_up(rng, row, today - timedelta(days=rng.randrange(1, 120)))
            yield row


class _Written:
    """The children written without an ID: two of one name and birth date would be one child twice, and refused."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, ...]] = set()

    def is_double(self, row: dict[str, str]) -> bool:
        if row["เลขประจำตัวประชาชน"]:
            return False
        who = (row["ชื่อ"], row["นามสกุล"], row["วันเกิด"])
        if who in self._seen:
            return True
        self._seen.add(who)
        return False
