"""A child's identifiers: national ID and G-code. Reading, checking, masking, sealing and looking up.

Sealed by AES-GCM, found again by a keyed HMAC-SHA256 (the blind index); the keys come from settings, two apart. No
message, repr or log line made here shows more than four digits of a number (SECURITY FL-01, FL-04, LG-02).
"""

import hashlib
import logging
import math
import os
import re
from dataclasses import dataclass, field
from functools import cache
from operator import mul
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.signals import setting_changed

from schools.refusal import Refusal
from schools.thaitext import arabic_digits, clean, half_width

NATIONAL_ID = "national_id"
G_CODE = "g_code"

_THIRTEEN = re.compile(r"\A[0-9]{13}\Z")
_G_FORM = re.compile(r"\AG[0-9]{12}\Z")
_SEPARATORS = re.compile(r"[\s'’‘`´\-\u2010-\u2015\u2212]")
_SHORTENED = re.compile(r"\A[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}\Z")
# What people write for "has none" (bad_inputs X35), after normalising; rows of zeros or nines are found by _is_blank.
_BLANKS = {"", ".", "N/A", "NA", "N.A.", "#N/A", "NONE", "NULL", "NAN", "ไม่มี", "ไม่มีเลข", "ไม่มีเลขบัตร", "ไม่มีบัตร"}
_BLANKS |= {"ไม่ทราบ", "ไม่ระบุ", "ไม่มีข้อมูล", "ไม่พบข้อมูล", "ไม่มีเลขประจำตัว", "ไม่มีเลขประจำตัวประชาชน"}
# DOPA's 77 province codes, for the strict form of a G-code.
_PROVINCES = frozenset(
    f"{n}"
    for first, last in ((10, 27), (30, 49), (50, 58), (60, 67), (70, 77), (80, 86), (90, 96))
    for n in range(first, last + 1)
)


class BadIdentifier(Refusal):
    """A value that cannot be an identifier. `code` is the id of bad_inputs.tsv where one fits; no message holds it."""

    def __init__(self, code: str, message_th: str, message_en: str) -> None:
        self.code = code
        super().__init__(message_th, message_en)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A checked identifier. `warning` is "g_code_form" for a G-code not of the central form (issued early)."""

    kind: str
    value: str = field(repr=False)  # never into a traceback or a log
    warning: str | None = None


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────
def normalise_identifier(value: object) -> str:
    """`value` of a cell or field as bare text: ASCII digits, upper case, no spaces, dashes, apostrophes, invisibles.

    A number becomes its digits (1999900001010.0 too), None and NaN "". Nothing is padded and nothing is judged.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # up to here a float holds every digit
        value = int(value)
    text = _SEPARATORS.sub("", arabic_digits(clean(half_width(str(value))))).upper()
    return re.sub(r"\A([0-9]+)\.0+\Z", r"\1", text)


_WEIGHTS = tuple(range(13, 1, -1))


def check_digit(first12: str) -> int:
    """The 13th digit for twelve ASCII digits: (11 - Σ d_i·(14-i) mod 11) mod 10 (THAI_RULES §1.1).

    The rule's own limits: the third digit weighs 11 and is not checked at all; remainders 0 and 10 give the same digit.
    """
    if len(first12) != 12:
        raise ValueError("a check digit is of exactly twelve digits")
    total = sum(map(mul, _WEIGHTS, map(int, first12)))
    return (11 - total % 11) % 10


def _is_national_id(digits: str) -> bool:
    return digits[0] != "9" and check_digit(digits[:12]) == int(digits[12])


def _is_blank(text: str) -> bool:
    return text in _BLANKS or set(text) == {"0"} or (set(text) == {"9"} and len(text) >= 12)


def parse_identifier(value: object) -> Identifier | None:
    """The identifier that `value` (text or number as found) means; None if it says there is none.

    None stands for empty cells and for "-", ไม่มี, n/a, rows of zeros or nines (X35; compare the raw value to tell).
    Raises BadIdentifier: X31 (12 digits), X34 (check digit), else "identifier_shortened", "identifier_letters",
    "identifier_length", "identifier_category", "g_code_length".
    """
    text = value if isinstance(value, str) and _THIRTEEN.match(value) else normalise_identifier(value)
    if _is_blank(text):
        return None
    if _G_FORM.match(text):
        return Identifier(G_CODE, text, None if text[3:5] in _PROVINCES else "g_code_form")
    if not _THIRTEEN.match(text):
        _refuse(text)
    if text[0] == "9":
        raise BadIdentifier(
            "identifier_category",
            "เลขประจำตัวประชาชนขึ้นต้นด้วย 9 ไม่ได้ กรุณาตรวจกับบัตรหรือทะเบียนบ้าน",
            "A national ID cannot begin with 9. Check it against the card or house register.",
        )
    if not _is_national_id(text):
        raise BadIdentifier(
            "X34",
            "เลขประจำตัวประชาชนไม่ถูกต้อง (หลักสุดท้ายไม่ตรง)",
            "National ID is not valid (check digit).",
        )
    return Identifier(NATIONAL_ID, text)


def _refuse(text: str) -> NoReturn:
    """Says why normalised `text` has not the form of an identifier."""
    if _SHORTENED.match(text):
        raise BadIdentifier(
            "identifier_shortened",
            "โปรแกรมตารางย่อเลขจนบางหลักหาย (เช่น 1.99E+12) กรุณาตั้งเซลล์เป็นข้อความแล้วพิมพ์เลขใหม่",
            "The spreadsheet shortened the number (like 1.99E+12) and lost digits. Format as text and type it again.",
        )
    if re.match(r"\AG[0-9]+\Z", text):
        raise BadIdentifier(
            "g_code_length",
            f"รหัส G ต้องเป็น G ตามด้วยเลข 12 หลัก (พบ {len(text) - 1} หลัก)",
            f"A G-code is G and 12 digits ({len(text) - 1} found).",
        )
    stranger = re.search(r"[^0-9]", text)
    if stranger:
        raise BadIdentifier(
            "identifier_letters",
            f"เลขประจำตัวต้องเป็นตัวเลขล้วน ตัวที่ {stranger.start() + 1} ไม่ใช่ตัวเลข (ระวัง O กับ 0, l กับ 1)",
            f"An ID has digits only; character {stranger.start() + 1} is not one (mind O and 0, l and 1).",
        )
    if len(text) == 12:
        raise BadIdentifier(
            "X31",
            "เลขมี 12 หลัก อาจเสีย 0 ตัวหน้า กรุณาตั้งเซลล์เป็นข้อความ",
            "12 digits; a leading 0 may be lost. Format the cell as text.",
        )
    raise BadIdentifier(
        "identifier_length",
        f"เลขประจำตัวประชาชนต้องมี 13 หลัก (พบ {len(text)} หลัก)",
        f"A national ID has 13 digits ({len(text)} found).",
    )


def make_synthetic_id(n: int, category: int = 1) -> str:
    """The n-th (0-9,999,999) valid national ID of `category` (0-8) under office 9999, which no real person can have."""
    if not (0 <= n <= 9_999_999 and 0 <= category <= 8):
        raise ValueError("n must be 0-9999999 and category 0-8")
    first12 = f"{category}9999{n:07}"
    return f"{first12}{check_digit(first12)}"


# ── showing ───────────────────────────────────────────────────────────────────────────────────────────────────────
def mask(value: object) -> str:
    """`value` with at most four digits showing: 1-XXXX-XXXXX-70-8, G-XXXXXXXX-0001, else its last four or none.

    For refused values in error lists too, whatever they hold; these are cut to 20 characters.
    """
    text = normalise_identifier(value)
    if _THIRTEEN.match(text):
        return f"{text[0]}-XXXX-XXXXX-{text[10:12]}-{text[12]}"
    if _G_FORM.match(text):
        return f"G-XXXXXXXX-{text[9:]}"
    text = text[-20:]
    if len(text) > 8 and re.match(r"\A[0-9]{4}\Z", text[-4:]):
        return "X" * (len(text) - 4) + text[-4:]
    return "X" * len(text)


# ── sealing ───────────────────────────────────────────────────────────────────────────────────────────────────────
_VERSION = b"\x01"  # blob: version 1, key id 4, nonce 12, ciphertext and tag; version and key id are authenticated
_HEADER, _NONCE = 5, 12


class SealBroken(Exception):
    """A blob that no configured key opens: altered, of another context, or sealed by a key since taken away."""


class Seal:
    """Seals and opens short texts with a list of 32-byte keys: the first seals, every one opens."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("IDENTITY_SEAL_KEYS must hold keys of 32 bytes each")
        self._ciphers = {_VERSION + hashlib.sha256(b"seal key id" + key).digest()[:4]: AESGCM(key) for key in keys}
        if len(self._ciphers) != len(keys):
            raise ValueError("IDENTITY_SEAL_KEYS holds a key twice")
        self._header, cipher = next(iter(self._ciphers.items()))
        self._encrypt = cipher.encrypt

    def seal(self, value: str, context: bytes = b"") -> bytes:
        """`value` sealed; opens only with the same `context` (such as the table and column it is for)."""
        nonce = os.urandom(_NONCE)
        return self._header + nonce + self._encrypt(nonce, value.encode(), self._header + context)

    def unseal(self, blob: bytes, context: bytes = b"") -> str:
        """The text inside `blob` (bytes or a database's memoryview); SealBroken if it cannot be opened."""
        blob = bytes(blob)
        header, nonce = blob[:_HEADER], blob[_HEADER : _HEADER + _NONCE]
        cipher = self._ciphers.get(header)
        if cipher is None:
            raise SealBroken("sealed by a key that is not configured")
        try:
            return cipher.decrypt(nonce, blob[_HEADER + _NONCE :], header + context).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken("the sealed value was altered or belongs elsewhere") from error

    def is_current(self, blob: bytes) -> bool:
        """Whether `blob` was sealed by the first key; if not, a rotation has yet to seal it anew."""
        return bytes(blob[:_HEADER]) == self._header


@cache
def _seal() -> Seal:
    return Seal(list(settings.IDENTITY_SEAL_KEYS))


@cache
def _index_states(kind: str) -> tuple:
    """SHA-256 after HMAC's inner padded key and `kind`, and after its outer one (RFC 2104), ready to be copied.

    Copying costs a third of keying an HMAC for each value, which decides the pace of an import.
    """
    key = settings.IDENTITY_INDEX_KEY
    if len(key) != 32:
        raise ValueError("IDENTITY_INDEX_KEY must be 32 bytes")
    if key in settings.IDENTITY_SEAL_KEYS:
        raise ValueError("IDENTITY_INDEX_KEY must not be one of IDENTITY_SEAL_KEYS")
    block = key.ljust(64, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    inner.update(f"{kind}\0".encode())
    return inner.copy, outer.copy


def _forget_keys(*, setting: str, **_: object) -> None:
    if setting in {"IDENTITY_SEAL_KEYS", "IDENTITY_INDEX_KEY"}:
        _seal.cache_clear()
        _index_states.cache_clear()


setting_changed.connect(_forget_keys, dispatch_uid="cases.identity")


def seal(value: str, context: bytes = b"") -> bytes:
    """`value` (normalised) sealed by the current key, 33 bytes longer; see Seal.seal."""
    return _seal().seal(value, context)


def unseal(blob: bytes, context: bytes = b"") -> str:
    """The text inside a sealed `blob`; SealBroken if no key opens it. The caller writes the audit row (FL-02)."""
    return _seal().unseal(blob, context)


def needs_resealing(blob: bytes) -> bool:
    """Whether `blob` is sealed by an older key than the current one."""
    return not _seal().is_current(blob)


def blind_index(kind: str, value: str) -> str:
    """64 hex digits by which a normalised `value` of `kind` is found and kept unique without being readable.

    HMAC-SHA256 of kind, a zero byte and value. ValueError if `value` is not normalised: the same child would be
    indexed twice.
    """
    if not (value.isascii() and value.isalnum()):
        raise ValueError("only a normalised identifier can be indexed")
    copy_inner, copy_outer = _index_states(kind)
    inner, outer = copy_inner(), copy_outer()
    inner.update(value.encode())
    outer.update(inner.digest())
    return outer.hexdigest()


# ── keeping logs clean ────────────────────────────────────────────────────────────────────────────────────────────
_DIGIT = "0-9๐-๙\uff10-\uff19"
_BETWEEN = "[ \t\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad\u2010-\u2015\u2212-]{0,3}"
_DIGIT_RUN = re.compile(f"[{_DIGIT}](?:{_BETWEEN}[{_DIGIT}]){{12,}}")
_G_IN_TEXT = re.compile(f"(?<![0-9A-Za-z])[Gg]{_BETWEEN}(?:[{_DIGIT}]{_BETWEEN}){{11}}[{_DIGIT}](?![{_DIGIT}])")
_HIDDEN = range(1, 10)  # of thirteen digits, those that mask() hides too


def scrub(text: str) -> str:
    """`text` with every valid 13-digit national ID and every G-code in it masked, its separators kept.

    Found in Thai and full-width digits, with dashes, spaces or invisible characters between; inside longer rows of
    separated numbers too, but not inside one longer unbroken number.
    """
    if not text:
        return text
    text = _G_IN_TEXT.sub(lambda found: _hide_digits(found[0], range(8)), text)
    return _DIGIT_RUN.sub(_scrub_run, text)


def _hide_digits(text: str, hidden: range | set[int]) -> str:
    """`text` with its digits of the given ordinal numbers (from 0) as X."""
    out, ordinal = list(text), -1
    for at, character in enumerate(text):
        if character.isdigit():
            ordinal += 1
            if ordinal in hidden:
                out[at] = "X"
    return "".join(out)


def _scrub_run(found: re.Match) -> str:
    """The run of digits `found` with every national ID standing free in it masked."""
    run = found[0]
    places = [at for at, character in enumerate(run) if character.isdigit()]
    digits = arabic_digits("".join(run[at] for at in places))
    hidden: set[int] = set()
    for start in range(len(digits) - 12):
        first, last = places[start], places[start + 12]
        if _is_national_id(digits[start : start + 13]) and _stands_free(
            found.string, found.start() + first, found.start() + last, unbroken=last - first == 12
        ):
            hidden.update(start + n for n in _HIDDEN)
    return _hide_digits(run, hidden) if hidden else run


def _stands_free(text: str, first: int, last: int, *, unbroken: bool) -> bool:
    """Whether no digit touches text[first..last]; nor, where separators stand inside, a letter (the tail of a UUID)."""
    for touching in (text[first - 1 : first], text[last + 1 : last + 2]):
        if touching.isdigit() or (not unbroken and touching.isascii() and touching.isalpha()):
            return False
    return True


_RECORD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class LogScrubber(logging.Filter):
    """Masks identifiers in a log record's message, arguments, traceback and extra fields (SECURITY LG-02).

    Hang it on every handler: a filter on a logger does not see what its children log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: a record is cleaned, never dropped."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # arguments that do not fit their message: log both, cleaned
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = scrub(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = scrub(record.exc_text)
        if record.stack_info:
            record.stack_info = scrub(record.stack_info)
        for name, value in vars(record).items():
            if name not in _RECORD_FIELDS and isinstance(value, str):
                setattr(record, name, scrub(value))
        return True
