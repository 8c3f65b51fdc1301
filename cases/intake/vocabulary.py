"""What the closed columns of a list may say: categories, results, causes, wishes, back in school, sex.

Labels of seed 004, of the live system and of our own, English labels and slugs; compared forgivingly. Unknown words
are never guessed at: the nearest label is only proposed.
"""

from difflib import SequenceMatcher
from functools import cache, lru_cache

from cases.codes import Category, Outcome, Wish
from schools.thaitext import header_key

FOUND, TRACKING, NOT_FOUND = "found", "tracking", "not_found"

_CATEGORIES = {
    Category.MISSED: "ตกหล่น|เด็กตกหล่น|missed|missed child",
    Category.DROPOUT: "ออกกลางคัน|เด็กออกกลางคัน|ออกกลางคัน/หลุดจากระบบ|หลุดจากระบบ|dropout|drop out|dropped out",
    Category.NOT_LISTED: "ไม่มีชื่อในระบบแต่พบตัว|ไม่มีชื่อในระบบ|ไม่มีชื่อแต่พบตัว|not_listed|not listed",
    Category.AT_RISK: "กลุ่มเสี่ยง|เสี่ยง|เด็กกลุ่มเสี่ยง|at_risk|at risk",
}
_RESULTS = {
    FOUND: "พบตัว|พบ|พบตัวแล้ว|พบเด็ก|ติดตามแล้วพบตัว|พบตัวเด็ก|found",
    TRACKING: "อยู่ระหว่างติดตาม|อยู่ระหว่างการติดตาม|กำลังติดตาม|ระหว่างติดตาม|รอติดตาม|tracking|in progress",
    NOT_FOUND: "ไม่พบตัว|ไม่พบ|ติดตามแล้วไม่พบตัว|ไม่พบตัวเด็ก|ไม่พบเด็ก|not_found|not found",
}
_WISHES = {
    Wish.WANTS: "ประสงค์กลับเข้าเรียน|ประสงค์|ประสงค์เรียน|ประสงค์เรียนต่อ|ประสงค์จะเรียนต่อ|ประสงค์จะกลับเข้าเรียน|ต้องการเรียน"
    "|ต้องการเรียนต่อ|ต้องการกลับเข้าเรียน|ประสงค์กลับเข้าสู่ระบบ|ประสงค์กลับเข้าสู่ระบบการศึกษา|wants|wants to return|yes",
    Wish.DOES_NOT_WANT: "ไม่ประสงค์กลับเข้าเรียน|ไม่ประสงค์|ไม่ประสงค์เรียน|ไม่ประสงค์เรียนต่อ|ไม่ประสงค์จะเรียนต่อ"
    "|ไม่ประสงค์จะกลับเข้าเรียน|ไม่ต้องการเรียน|ไม่ต้องการเรียนต่อ|ไม่ต้องการกลับเข้าเรียน|ไม่ประสงค์กลับเข้าสู่ระบบ"
    "|ไม่ประสงค์กลับเข้าสู่ระบบการศึกษา|does_not_want|does not want|does not want to return|no",
    Wish.CANNOT: "ยังไม่สามารถ (เจ็บป่วย พิการ)|ยังไม่สามารถ|ยังไม่สามารถกลับเข้าเรียน|ไม่สามารถกลับเข้าเรียน|ไม่สามารถเรียนได้"
    "|ไม่สามารถเรียนต่อได้|เจ็บป่วย|พิการ|เจ็บป่วย พิการ|cannot",
    Wish.NOT_ASKED: "ยังไม่ได้ถาม|ไม่ได้ถาม|ยังไม่ทราบ|ไม่ทราบ|ไม่ระบุ|not_asked|not asked",
}
_BACK = {
    True: "กลับเข้าเรียนแล้ว|กลับเข้าเรียน|กลับแล้ว|เข้าเรียนแล้ว|กลับเข้าระบบแล้ว|กลับเข้าสู่ระบบแล้ว|แล้ว|ใช่|returned|yes|y|1|✓|/",
    False: "ยังไม่กลับเข้าเรียน|ยังไม่กลับ|ไม่กลับ|ไม่กลับเข้าเรียน|ยัง|ไม่ใช่|not returned|no|n|0",
}
_SEXES = {"M": "ชาย|ช|ช.|male|m|1|boy", "F": "หญิง|ญ|ญ.|female|f|2|girl", "": "ไม่ระบุ|unknown"}
_LIVE_LABELS = {  # how the running system prints a seed label (causes.csv, label_th_on_live_system), and English
    Outcome.ENROLLED_OTHER_AFFILIATION: "เข้าเรียนในสังกัดอื่น|เรียนในสังกัดอื่น|enrolled in a school of another affiliation",
    Outcome.ENROLLED_SAME_AFFILIATION: "เรียนในสังกัดเดิม|enrolled in the same (original) affiliation"
    "|enrolled in the same affiliation",
    Outcome.STUDYING_ABROAD: "เรียนต่อต่างประเทศ|gone to study abroad",
    Outcome.COMPLETED_COMPULSORY_NO_FURTHER: "จบการศึกษาภาคบังคับและไม่ประสงค์เข้าเรียนต่อ|จบภาคบังคับและไม่ประสงค์จะเข้าเรียนต่อ"
    "|จบภาคบังคับและไม่ประสงค์เรียนต่อ|completed compulsory education and does not wish to continue",
    Outcome.RELOCATED: "ย้ายถิ่นฐาน|ย้ายที่อยู่|moved residence",
    Outcome.UNSPECIFIED: "ไม่ระบุ|ไม่ทราบสาเหตุ|cause not specified",
    Outcome.OVER_AGE_NO_FURTHER: "อายุพ้นเกณฑ์และไม่ประสงค์เรียนต่อ|past compulsory age and does not wish to continue",
    Outcome.LOW_INCOME_GUARDIAN: "ผู้ปกครองมีรายได้น้อยไม่เพียงพอ|ผู้ปกครองมีรายได้น้อย|guardian has low, insufficient income",
    Outcome.FAMILY_CONDITION: "สภาพครอบครัว",
    Outcome.SOCIAL_ADJUSTMENT: "difficulty adjusting socially",
    Outcome.COVID19_AFFECTED: "ผลกระทบจากโควิด-19|ได้รับผลกระทบจากโควิด 19|affected by covid-19",
    Outcome.HEALTH: "สุขภาพ",
    Outcome.AT_RISK_GROUP: "กลุ่มเสี่ยง|in an at-risk group",
    Outcome.SCHOOL_RULE_CONDUCT: "ประพฤติขัดกับระเบียบของสถานศึกษา|conduct against school rules",
    Outcome.TRANSPORT_INCONVENIENT: "คมนาคมไม่สะดวก|inconvenient transport",
    Outcome.DISASTER_AFFECTED: "ได้รับผลกระทบจากภัยต่าง ๆ|affected by disasters",
}
# Words often met that say no label; only proposed, never taken (X60).
_HINTS = {
    "ยากจน": Outcome.LOW_INCOME_GUARDIAN,
    "ฐานะยากจน": Outcome.LOW_INCOME_GUARDIAN,
    "พิการ": Outcome.DISABILITY,
    "ป่วย": Outcome.HEALTH,
    "เจ็บป่วย": Outcome.HEALTH,
    "สมรส": Outcome.FAMILY_NECESSITY,
    "แต่งงาน": Outcome.FAMILY_NECESSITY,
    "ตั้งครรภ์": Outcome.FAMILY_NECESSITY,
    "หาเลี้ยงครอบครัว": Outcome.FAMILY_NECESSITY,
    "ทำงาน": Outcome.FAMILY_NECESSITY,
    "อพยพตามผู้ปกครอง": Outcome.RELOCATED,
    "ปัญหาครอบครัว": Outcome.FAMILY_CONDITION,
    "ปัญหาในการปรับตัว": Outcome.SOCIAL_ADJUSTMENT,
    "ตาย": Outcome.DECEASED,
}


def _table(words: dict) -> dict[str, object]:
    return {header_key(text) or text: value for value, texts in words.items() for text in texts.split("|")}


@cache
def _causes() -> dict[str, Outcome]:
    table = {header_key(str(outcome.label)): outcome for outcome in Outcome if outcome}
    table |= {header_key(outcome.slug): outcome for outcome in Outcome if outcome}
    return table | _table(_LIVE_LABELS)


_CATEGORY_OF, _RESULT_OF, _WISH_OF, _BACK_OF, _SEX_OF = map(_table, (_CATEGORIES, _RESULTS, _WISHES, _BACK, _SEXES))


def read_category(text: str) -> Category | None:
    return _CATEGORY_OF.get(header_key(text))


def read_result(text: str) -> str | None:
    """FOUND, TRACKING or NOT_FOUND; None if the words are none of ours."""
    return _RESULT_OF.get(header_key(text))


def read_cause(text: str) -> Outcome | None:
    """One of the 19 of seed 004 by any of its labels or its slug."""
    return _causes().get(header_key(text))


def read_wish(text: str) -> Wish | None:
    return _WISH_OF.get(header_key(text))


def read_returned(text: str) -> bool | None:
    return _BACK_OF.get(header_key(text) or text.strip())


def read_sex(text: str) -> str | None:
    return _SEX_OF.get(header_key(text))


@lru_cache(maxsize=2_000)
def nearest_cause(text: str) -> Outcome | None:
    """The outcome whose label is nearest to words that are none, to be proposed; None if nothing is near.

    Cached: a list says the same few words thousands of times. The caller gives words cut to 300 characters.
    """
    key = header_key(text)
    for words, outcome in _HINTS.items():
        if words in key:
            return outcome
    scored = ((SequenceMatcher(None, key, label).ratio(), outcome) for label, outcome in _causes().items())
    score, outcome = max(scored, key=lambda pair: pair[0])
    return outcome if score >= 0.6 else None
