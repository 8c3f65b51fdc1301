"""What each figure is called, in Thai and English, and of what a percentage of it is taken.

One table for tiles, workbook, API documents and lists alike. Words: PRODUCT §4, GLOSSARY, seeds 001 and 004.
"""

from typing import NamedTuple


class Label(NamedTuple):
    th: str
    en: str


_LADDER = {
    "target": Label("เป้าหมาย", "Target"),
    "to_start": Label("รอเริ่ม", "To start"),
    "tracking": Label("อยู่ระหว่างติดตาม", "Tracking"),
    "found": Label("พบตัว", "Found"),
    "not_found": Label("ไม่พบตัว", "Not found"),
    "in_education": Label("อยู่ในระบบการศึกษา", "In education"),
    "out_of_education": Label("หลุดจากระบบการศึกษา", "Out of education"),
    "wants": Label("ประสงค์กลับเข้าเรียน", "Wants to return"),
    "does_not_want": Label("ไม่ประสงค์กลับเข้าเรียน", "Does not want to return"),
    "cannot": Label("ยังไม่สามารถกลับเข้าเรียน", "Cannot return yet"),
    "not_asked": Label("ยังไม่ได้ถามความประสงค์", "Not yet asked"),
    "returned_claimed": Label("กลับเข้าเรียน (แจ้งแล้ว)", "Returned (claimed)"),
    "returned_confirmed": Label("กลับเข้าเรียน (ยืนยันแล้ว)", "Returned (confirmed)"),
    "observing": Label("ดูแล/เฝ้าระวัง", "Observing"),
    "retained": Label("คงอยู่ในระบบ", "Retained"),
}
_OUTCOMES = {  # seed 004's own words and order
    "enrolled_other_affiliation": Label("เข้าเรียนในสถานศึกษาสังกัดอื่น", "Enrolled in a school of another affiliation"),
    "enrolled_same_affiliation": Label("เข้าเรียนในสังกัดเดิม", "Enrolled in the same (original) affiliation"),
    "studying_abroad": Label("ไปเรียนต่อต่างประเทศ", "Gone to study abroad"),
    "completed_compulsory_no_further": Label(
        "จบการศึกษาภาคบังคับและไม่ประสงค์จะเข้าเรียนต่อ", "Completed compulsory education and does not wish to continue"
    ),
    "relocated": Label("ย้ายถิ่นที่อยู่", "Moved residence"),
    "family_necessity": Label("ความจำเป็นทางครอบครัว", "Family necessity"),
    "unspecified": Label("ไม่ระบุสาเหตุ", "Cause not specified"),
    "over_age_no_further": Label("อายุพ้นเกณฑ์และไม่ประสงค์จะเรียนต่อ", "Past compulsory age and does not wish to continue"),
    "low_income_guardian": Label("ผู้ปกครองมีรายได้น้อย ไม่พอเพียง", "Guardian has low, insufficient income"),
    "family_condition": Label("สภาพของครอบครัว", "Family condition"),
    "disability": Label("ความพิการ", "Disability"),
    "social_adjustment": Label("ปัญหาการปรับสภาพตัวเองในสังคม", "Difficulty adjusting socially"),
    "covid19_affected": Label("ได้รับผลกระทบจาก Covid-19", "Affected by Covid-19"),
    "health": Label("สุขภาพอนามัย", "Health"),
    "deceased": Label("เสียชีวิต", "Deceased"),
    "at_risk_group": Label("อยู่ในกลุ่มเสี่ยง", "In an at-risk group"),
    "school_rule_conduct": Label("การประพฤติ ปฏิบัติขัดกับระเบียบของสถานศึกษา", "Conduct against school rules"),
    "transport_inconvenient": Label("การคมนาคมไม่สะดวก", "Inconvenient transport"),
    "disaster_affected": Label("ได้รับผลกระทบจากภัยต่างๆ", "Affected by disasters"),
}
CATEGORIES = {
    "missed": Label("ตกหล่น", "Missed"),
    "dropout": Label("ออกกลางคัน", "Dropout"),
    "not_listed": Label("ไม่มีชื่อในระบบแต่พบตัว", "Not listed but found"),
}
OF_CATEGORY = {  # seed 001's columns
    "target": Label("เป้าหมาย", "Target"),
    "traced": Label("ติดตามแล้ว", "Traced"),
    "in_progress": Label("กำลังติดตาม", "In progress"),
    "back": Label("กลับเข้าระบบ", "Back in education"),
    "not_back": Label("ไม่กลับเข้าระบบ", "Not back"),
}

LABELS: dict[str, Label] = {
    **_LADDER,
    **{f"outcome={slug}": label for slug, label in _OUTCOMES.items()},
    **{
        f"{category}.{column}": Label(f"{name.th}: {of.th}", f"{name.en}: {of.en}")
        for category, name in CATEGORIES.items()
        for column, of in OF_CATEGORY.items()
    },
    "wants_not_claimed": Label("ยังไม่กลับ", "Not back yet"),
    "claimed_not_confirmed": Label("แจ้งแล้ว รอยืนยัน", "Claimed, to be confirmed"),
}

# Table heads where ten stand side by side; the full name is in the head's title and in the definitions.
SHORT: dict[str, Label] = {
    "tracking": Label("กำลังติดตาม", "Tracking"),
    "wants": Label("ประสงค์กลับ", "Wants"),
    "returned_claimed": Label("แจ้งกลับ", "Claimed"),
    "returned_confirmed": Label("ยืนยัน", "Confirmed"),
}

# The figures a percentage may be taken of, the usual one first; the target is a percentage of nothing.
DENOMINATORS: dict[str, tuple[str, ...]] = {
    "target": (),
    **dict.fromkeys(("to_start", "tracking", "found", "not_found"), ("target",)),
    **dict.fromkeys(("in_education", "out_of_education"), ("found", "target")),
    **dict.fromkeys(("wants", "does_not_want", "cannot", "not_asked"), ("out_of_education", "found")),
    "returned_claimed": ("out_of_education", "wants", "target"),
    "returned_confirmed": ("returned_claimed", "out_of_education", "target"),
    "observing": ("returned_confirmed",),
    **dict.fromkeys(("wants_not_claimed", "claimed_not_confirmed"), ("wants",)),
    "retained": ("returned_confirmed", "returned_claimed", "target"),
    **dict.fromkeys((f"outcome={slug}" for slug in _OUTCOMES), ("found",)),
    **{f"{category}.target": ("target",) for category in CATEGORIES},
    **{
        f"{category}.{column}": (f"{category}.target",)
        for category in CATEGORIES
        for column in ("traced", "in_progress")
    },
    **{
        f"{category}.{column}": (f"{category}.traced", f"{category}.target")
        for category in CATEGORIES
        for column in ("back", "not_back")
    },
}
_OF = {
    "target": Label("ของเป้าหมาย", "of the target"),
    "found": Label("ของเด็กที่พบตัว", "of children found"),
    "out_of_education": Label("ของเด็กที่พบตัวและหลุดจากระบบการศึกษา", "of children found out of education"),
    "wants": Label("ของเด็กที่ประสงค์กลับเข้าเรียน", "of children who want to return"),
    "returned_claimed": Label("ของเด็กที่แจ้งว่ากลับเข้าเรียน", "of claimed returns"),
    "returned_confirmed": Label("ของเด็กที่ยืนยันว่ากลับเข้าเรียน", "of confirmed returns"),
    "traced": Label("ของที่ติดตามแล้ว", "of children traced"),
}


def denominator_name(figure: str) -> Label:
    """How a percentage of `figure` names it: `target` → ของเป้าหมาย. Raises KeyError where none is taken of it."""
    return _OF[figure.rpartition(".")[2]]
