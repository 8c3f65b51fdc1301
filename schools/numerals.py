"""How a number is written for a reader: grouped digits, signs and percentages. Alone decides their rounding.

Thai and English write figures alike (1,234 and 67.22%), so nothing here depends on the language; a locale's own
grouping would make the screen, the workbook and the API disagree by a character.
"""

from decimal import ROUND_HALF_UP, Decimal

NOTHING = "–"
_MINUS = "−"
_CENT = Decimal("0.01")


def grouped(number: int | None) -> str:
    """`number` with commas between thousands ("110,755"); `None`, which means "not known", becomes a dash."""
    if number is None:
        return NOTHING
    return f"{number:,}".replace("-", _MINUS)


def signed(number: int | None) -> str:
    """A change with its sign always written: "+11", "−6", "0"."""
    if number is None:
        return NOTHING
    return f"+{number:,}" if number > 0 else grouped(number)


def percentage(part: int | None, whole: int | None) -> Decimal | None:
    """`part` of `whole` in percent, two decimals, half-up (PRODUCT §4); `None` where there is no base to divide by."""
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_CENT, rounding=ROUND_HALF_UP)


def percent_text(part: int | None, whole: int | None) -> str:
    """The percentage as printed ("68.36%"), or a dash where it has no base."""
    value = percentage(part, whole)
    return NOTHING if value is None else f"{value}%"
