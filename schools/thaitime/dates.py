"""How a date is shown, and which BE, academic and fiscal year and semester it falls in."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")
BE_OFFSET = 543

# fmt: off
MONTHS_TH = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)
MONTHS_TH_SHORT = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on

_NBSP = "\u00a0"
_WORD_JOINER = "\u2060"
FORMS = ("short", "long", "full", "numeric")


def bangkok_date(moment: date | datetime) -> date:
    """The calendar date in Bangkok of an aware datetime; a plain date is itself. A naive datetime raises ValueError."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("a datetime without a time zone has no date in Bangkok")
        return moment.astimezone(BANGKOK).date()
    return moment


def bangkok_midnight(day: date) -> datetime:
    """00:00 in Bangkok at the beginning of `day`, aware."""
    return datetime.combine(day, time(), tzinfo=BANGKOK)


def bangkok_today(now: datetime | None = None) -> date:
    """Today's date in Bangkok; `now` (aware) stands in for the clock."""
    return bangkok_date(now if now is not None else datetime.now(BANGKOK))


def be_year(moment: date | datetime) -> int:
    """The Buddhist-era year (CE + 543)."""
    return bangkok_date(moment).year + BE_OFFSET


def academic_year(moment: date | datetime) -> int:
    """The academic year (BE) Y, which runs from 16 May Y to 15 May Y+1 (ระเบียบ ศธ. พ.ศ. 2549)."""
    day = bangkok_date(moment)
    return be_year(day) - ((day.month, day.day) < (5, 16))


def semester(moment: date | datetime) -> int:
    """1 or 2, by the regulation's default dates; the holidays belong to the semester just ended (THAI_RULES §2)."""
    day = bangkok_date(moment)
    return 1 if (5, 16) <= (day.month, day.day) <= (10, 31) else 2


def fiscal_year(moment: date | datetime) -> int:
    """The fiscal year (BE) Y, which runs from 1 October Y-1 to 30 September Y."""
    day = bangkok_date(moment)
    return be_year(day) + (day.month >= 10)


def _unbroken(text: str, *, plain: bool) -> str:
    """`text` tied so that no line breaks inside it: NBSP for spaces, a word joiner inside ก.พ.; as it is if `plain`."""
    if plain:
        return text
    return re.sub(r"\.(?=[ก-ฮ])", "." + _WORD_JOINER, text).replace(" ", _NBSP)


def thai_date(moment: date | datetime, form: str = "long", *, lang: str = "th", plain: bool = False) -> str:
    """A date as people read it, in พ.ศ. whatever the language.

    form: short "28 ก.พ. 65", long "28 ก.พ. 2565", full "28 กุมภาพันธ์ 2565", numeric "28/02/2565". lang "en": "28 Feb
    2565 BE" (short too: two digits say nothing in English), "28 February 2565 BE", "28/02/2565". Parts are tied by
    NBSP and word joiners unless `plain` (for files). An unknown form or a naive datetime raises ValueError.
    """
    if form not in FORMS:
        raise ValueError(f"unknown date form {form!r}; known: {', '.join(FORMS)}")
    day = bangkok_date(moment)
    year, month = be_year(day), day.month - 1
    if form == "numeric":
        return f"{day.day:02}/{day.month:02}/{year}"
    if lang == "en":
        name = MONTHS_EN[month] if form == "full" else MONTHS_EN[month][:3]
        return _unbroken(f"{day.day} {name} {year} BE", plain=plain)
    name = MONTHS_TH[month] if form == "full" else MONTHS_TH_SHORT[month]
    shown_year = f"{year % 100:02}" if form == "short" else str(year)
    return _unbroken(f"{day.day} {name} {shown_year}", plain=plain)


def thai_datetime(moment: datetime, form: str = "long", *, lang: str = "th", plain: bool = False) -> str:
    """A moment in Bangkok time: "28 ก.พ. 2565 เวลา 13.30 น."; lang "en": "28 Feb 2565 BE, 13:30".

    A line may break only between date and time. A naive datetime raises ValueError.
    """
    day = thai_date(moment, form, lang=lang, plain=plain)
    local = moment.astimezone(BANGKOK)
    if lang == "en":
        return f"{day}, {local:%H:%M}"
    return f"{day} " + _unbroken(f"เวลา {local:%H.%M} น.", plain=plain)
