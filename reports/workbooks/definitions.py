"""Owns นิยาม: what every figure of the workbook means, that the figures agree, and where the file came from."""

from datetime import datetime

from cases.codes import DECLINING
from reports.identities import Check, checks, worded
from reports.labels import Label
from reports.ladder import DENOMINATORS, LABELS, Counts, denominator_name
from reports.sheets import Column, Line, Page
from schools.thaitime import BANGKOK, thai_date, thai_datetime

from .frame import PROVISIONAL, Frame
from .sums import Sums

SOURCES = (
    "ข้อเท็จจริงรายกรณี (บันทึกการติดตาม การแจ้งกลับเข้าเรียน บัญชีรายชื่อ) ในระบบพาน้องกลับมาเรียน นับจากช่วงสถานะของแต่ละกรณี",
    "ตารางสาเหตุ: แบบเผยแพร่ dropout.edudev.in.th ณ วันที่ 28 ก.พ. 2565 เวลา 13.30 น.",
    "ตารางประเภท: แบบรายงานของ สพป.กาฬสินธุ์ เขต 3 (OBEC Zero Dropout)",
)
ROUNDING = "ร้อยละคิดท้ายสุดจากจำนวนเต็ม ทศนิยมสองตำแหน่ง ปัดครึ่งขึ้น ช่องว่างหมายถึงตัวหารเป็นศูนย์"
TRUNCATED = (
    "916 จาก 1,340 คือร้อยละ 68.36 ของเป้าหมายที่ติดตามแล้ว; ตัวเลขที่เคยเผยแพร่ 68.35 ตัดทศนิยมทิ้งแทนการปัด "
    "และเป็นร้อยละของเด็กที่ติดตามแล้ว ไม่ใช่ของเด็กที่กลับเข้าเรียน"
)
_DECLINING = " / ".join(str(outcome.label) for outcome in DECLINING)
MEANINGS = {
    "target": "เด็กทุกคนในบัญชี ประเภทตกหล่น ออกกลางคัน หรือไม่มีชื่อในระบบแต่พบตัว ไม่นับกรณีที่ตัดออกจากบัญชีและกลุ่มเสี่ยง",
    "to_start": "ยังไม่มีบันทึกการติดตาม",
    "tracking": "มีบันทึกการติดตามอย่างน้อย 1 ครั้ง ยังไม่พบตัวและยังไม่ได้รับอนุมัติว่าไม่พบตัว",
    "found": "ข้อเท็จจริงที่ตัดสินระบุว่าพบตัว หรือมีการแจ้งกลับเข้าเรียน",
    "not_found": "ได้รับอนุมัติว่าไม่พบตัว และยังไม่มีข้อเท็จจริงภายหลังว่าพบตัว",
    "in_education": "พบตัวแล้ว และผลล่าสุดเป็นหนึ่งใน 3 รายการของเด็กที่อยู่ในระบบการศึกษา",
    "out_of_education": "พบตัวแล้ว และผลล่าสุดเป็นหนึ่งใน 16 สาเหตุ หรือยังไม่ระบุสาเหตุ",
    "wants": "หลุดจากระบบการศึกษา และมีการแจ้งกลับเข้าเรียนที่ยังมีผล หรือคำตอบล่าสุดคือประสงค์กลับเข้าเรียน",
    "does_not_want": f"หลุดจากระบบการศึกษา และคำตอบล่าสุดคือไม่ประสงค์ หรือยังไม่มีคำตอบแต่สาเหตุคือ {_DECLINING}",
    "cannot": "หลุดจากระบบการศึกษา และคำตอบล่าสุดคือยังไม่สามารถ (เจ็บป่วย พิการ) หรือเสียชีวิต",
    "not_asked": "หลุดจากระบบการศึกษา และยังไม่ได้ถามความประสงค์",
    "returned_claimed": "หลุดจากระบบการศึกษา และมีการแจ้งกลับเข้าเรียนที่ยังมีผล (นับสะสม)",
    "returned_confirmed": "สถานศึกษาปลายทางยืนยันแล้ว หรือตรงกับทะเบียนนักเรียน (นับสะสม)",
    "observing": "ยืนยันแล้ว อยู่ระหว่างติดตามครบ 60/120/180/240 วัน และยังไม่ยุติการติดตาม",
    "retained": "ติดตามครบทุกครั้งแล้วยังเรียนอยู่",
    "wants_not_claimed": "ประสงค์กลับเข้าเรียน และยังไม่มีการแจ้งกลับเข้าเรียนที่ยังมีผล",
    "claimed_not_confirmed": "แจ้งกลับเข้าเรียนแล้ว และสถานศึกษาปลายทางยังไม่ยืนยัน",
    "traced": "ติดตามแล้ว = พบตัว",
    "in_progress": "กำลังติดตาม = เป้าหมาย − ติดตามแล้ว",
    "back": "กลับเข้าระบบ = พบตัว และผลล่าสุดอยู่ในระบบการศึกษา หรือแจ้งกลับเข้าเรียนแล้ว",
    "not_back": "ไม่กลับ = ติดตามแล้ว − กลับเข้าระบบ แยกตามสาเหตุล่าสุด",
    "outcome": "ผลล่าสุดที่ได้รับในรอบปัจจุบันของกรณี คงเดิมระหว่างที่การแจ้งกลับเข้าเรียนยังมีผล ไม่มี = ไม่ระบุสาเหตุ",
}
AGREED, BROKEN = "ตรงกัน ✓", "ไม่ตรงกัน ✗"
_PARTS = {
    "departments": "ภาพรวมรายส่วนราชการ",
    "regions": "เขตตรวจราชการ",
    "provinces": "จังหวัด",
    "districts": "เขตพื้นที่",
}


def definitions(frame: Frame, sums: Sums) -> Page:
    """นิยาม."""
    lines = [
        *_section("ที่มาของไฟล์", _origin(frame)),
        *_section("นิยามของตัวเลข", _figures(sums.total)),
        *_section("ความสอดคล้องของตัวเลข", [_agreement(check) for check in _checks(sums)]),
        *_section("หมายเหตุ", [("ร้อยละ", None, ROUNDING, ""), ("ร้อยละติดตามแล้ว", None, TRUNCATED, "")]),
        *_section("แหล่งข้อมูล", [(str(n), None, text, "") for n, text in enumerate(SOURCES, start=1)]),
    ]
    columns = [
        Column("รายการ", width=44),
        Column("จำนวน", "count", 14),
        Column("คำอธิบาย", width=90),
        Column("ร้อยละคิดจาก / ผลตรวจ", width=40),
    ]
    count = sum(not line.total for line in lines)
    return frame.page("นิยาม", "นิยามและที่มา", columns, lines, count=count)


def _section(name: str, rows) -> list[Line]:
    return [Line((name, None, None, None), total=True), *(Line(tuple(row)) for row in rows)]


def _origin(frame: Frame) -> list[tuple]:
    rollup, download = frame.rollup, frame.download
    taken = f"{thai_datetime(download.at, 'full', plain=True)} ({_iso(download.at)})"
    said = [
        ("หน่วยงาน", f"{frame.unit.name} ({frame.unit})"),
        ("งวด", f"{rollup.period} · {frame.period.label_th}"),
        ("สถานะของงวด", PROVISIONAL if rollup.is_provisional else "สิ้นสุดงวดแล้ว ตัวเลขคงที่"),
        ("ข้อมูล ณ (as of)", f"{frame.as_of_text} ({_iso(rollup.as_of)})"),
        ("ตามที่ระบบทราบ ณ (known at)", f"{frame.known_text} ({_iso(rollup.known_at)})"),
        ("จัดทำตัวเลขเมื่อ", thai_datetime(rollup.built_at, "full", plain=True)),
        ("ผู้ดาวน์โหลด", " · ".join(part for part in (download.by, download.role, download.unit) if part)),
        ("ดาวน์โหลดเมื่อ", taken),
        ("เหตุผล", download.purpose),
        ("เลขที่ไฟล์", download.serial),
    ]
    return [(name, None, text, "") for name, text in said]


def _iso(moment: datetime) -> str:
    return moment.astimezone(BANGKOK).isoformat(timespec="seconds")


def _figures(total: Counts) -> list[tuple]:
    return [(LABELS[key].th, total[key], _meaning(key), _denominators(key)) for key in total]


def _meaning(key: str) -> str:
    if key.startswith("outcome="):
        return MEANINGS["outcome"]
    category, _, column = key.rpartition(".")
    if column == "target" and category:
        return "เป้าหมายเฉพาะประเภทนี้"
    return MEANINGS[column]


def _denominators(key: str) -> str:
    return ", ".join(denominator_name(base).th for base in DENOMINATORS[key]) or "–"


# ── agreement ─────────────────────────────────────────────────────────────────────────────────────────────────
def _checks(sums: Sums) -> list[Check]:
    parts = {name: getattr(sums, name).values() for name in _PARTS}
    return checks(sums.total, parts)


def _agreement(check: Check) -> tuple:
    return (_in_thai(check.identity), check.left, check.identity, _verdict(check))


def _verdict(check: Check) -> str:
    return f"{AGREED} ({check.left:,})" if check.holds else f"{BROKEN} ({check.left:,} / {check.right:,})"


def _in_thai(identity: str) -> str:
    sheets = {f"Σ {name}": Label(f"ผลรวมแผ่นงาน{thai}", name) for name, thai in _PARTS.items()}
    return worded(identity, lambda th, en: th, sheets)


def taken_on(frame: Frame) -> str:
    """The day a file was taken out, as document properties print it."""
    return thai_date(frame.download.at, "full", plain=True)
