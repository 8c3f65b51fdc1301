"""Thai text: cleaning, digits, order, forgiving search, names and column headings.

This module alone decides when two pieces of Thai text are "the same" and which comes first. It knows no
database and no Django. All functions take and give single-line text (clean() turns line breaks into spaces).
"""

import re
import unicodedata
from typing import NamedTuple

# Invisible: zero-width space, joiners, direction marks (they also disguise names), soft hyphen, word joiner, BOM.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_ARABIC = {0x0E50 + n: str(n) for n in range(10)} | {0xFF10 + n: str(n) for n in range(10)}
# An import calls these a dozen times a row: asking first whether there is anything to map costs a tenth of mapping.
_ANY_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ANY_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")
_ANY_OTHER_DIGIT = re.compile("[\u0e50-\u0e59\uff10-\uff19]")

_TONE = "\u0e48-\u0e4b"
_SPLIT_SARA_AM = re.compile(f"\u0e4d([{_TONE}]?)\u0e32|([{_TONE}])\u0e4d\u0e32")
_SPACES = re.compile(r"\s+")
# Marks that count only after all letters are equal: ็ ่ ้ ๊ ๋ ์ ๎ (THAI_RULES §13, after ISO 14651 annex C).
_MARKS = "\u0e47-\u0e4c\u0e4e"
_MARK = re.compile(f"[{_MARKS}]")
_LETTER = re.compile(f"[^{_MARKS}]")
_LEADING_VOWEL = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])")


def clean(text: str) -> str:
    """`text` as a person meant it: NFC, ํ+า → ำ, เ+เ → แ, invisible characters gone, spaces single, ends trimmed.

    Digits stay as they were written (see arabic_digits). Idempotent.
    """
    if _ANY_INVISIBLE.search(text):
        text = text.translate(_INVISIBLE)
    text = unicodedata.normalize("NFC", text)
    # A tone mark may stand before or after the ํ of a split ำ; the proper order is consonant, tone, ำ.
    text = _SPLIT_SARA_AM.sub(lambda m: (m[1] or m[2] or "") + "\u0e33", text)
    text = text.replace("\u0e40\u0e40", "\u0e41")
    return _SPACES.sub(" ", text).strip()


def arabic_digits(text: str) -> str:
    """`text` with Thai (๐-๙) and full-width digits as 0-9; nothing else changes."""
    return text.translate(_ARABIC) if _ANY_OTHER_DIGIT.search(text) else text


def half_width(text: str) -> str:
    """`text` with full-width Latin letters, digits and punctuation as ASCII (not NFKC, which splits ำ)."""
    return text.translate(_HALF_WIDTH) if _ANY_FULL_WIDTH.search(text) else text


def sort_key(text: str) -> str:
    """A key whose plain code-point order is Thai dictionary order; "" for empty text.

    Letters first, leading vowels behind their consonant, then marks by position (THAI_RULES §13). In a database the
    column needs the "C" (binary) collation. The tab between the parts sorts below every character clean() leaves.
    """
    text = arabic_digits(clean(half_width(text))).lower()
    bare = _MARK.sub("", text)
    letters = _LEADING_VOWEL.sub(r"\2\1", bare)
    if bare == text:
        return letters
    return f"{letters}\t{_LETTER.sub(' ', text).rstrip(' ')}"


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class Name(NamedTuple):
    """One person's name in three parts; a part that is not there is ""."""

    title: str
    first: str
    last: str


# code → (canonical short form, spellings). The codes and forms are those of titles.csv.
_TITLES = {
    "boy": ("ด.ช.", "ด.ช. ดช. ดช เด็กชาย master"),
    "girl": ("ด.ญ.", "ด.ญ. ดญ. ดญ เด็กหญิง"),
    "mr": ("นาย", "นาย mr. mr"),
    "miss": ("น.ส.", "น.ส. นส. นส น.ส นางสาว miss ms. ms"),
    "mrs": ("นาง", "นาง mrs. mrs"),
    "novice": ("สามเณร", "สามเณร ส.ณ. เณร"),
    "monk": ("พระ", "พระภิกษุ พระ"),
    "other": ("อื่นๆ", "อื่นๆ"),
}
_CODE_OF_TITLE = {re.sub(r"[.\s]", "", s): code for code, (_, spellings) in _TITLES.items() for s in spellings.split()}
# Titles that are read even when the name follows without a space. พระ, เณร and undotted abbreviations are not
# among them: พระพาย, ดชา … are names. Longest first, so that นางสาว is not read as นาง + สาว….
_GLUED = re.compile(
    r"(ด\s?\.\s?ช\s?\.?|ด\s?\.\s?ญ\s?\.?|น\s?\.\s?ส\s?\.?|ส\.ณ\.|ด[ชญ]\.|นส\."
    r"|เด็กชาย|เด็กหญิง|นางสาว|สามเณร|พระภิกษุ|นาย|นาง)\s*(?=[ก-ฮเ-ไA-Za-z])"
)
_SPACED = re.compile(r"(ด[ชญ]|นส|พระ|เณร|อื่น ?ๆ|(?i:master|miss|mrs|mr|ms))(?:\.\s*|\s+)(?=\S)")
# Words that only look like นาง + name.
_NOT_NANG = re.compile(r"นาง(?:นวล|ฟ้า|แย้ม|พญา)(?= |\Z)")
_NICKNAME = re.compile(r"\s*\([^()]*\)\s*$")
_SURNAME_PARTICLES = {"ณ", "แซ่", "บิน", "บินติ", "บินตี", "de", "da", "van", "von", "der", "al", "bin", "binti", "la"}


def title_code(text: str) -> str | None:
    """The code of titles.csv for a title as it is written ("ด.ช.", "เด็กชาย", "ดช"), or None if it is no title."""
    return _CODE_OF_TITLE.get(re.sub(r"[.\s]", "", clean(half_width(text)).lower()))


def short_title(text: str) -> str:
    """A title in its short form ("เด็กหญิง" → "ด.ญ."), as it is also read off a whole name; what is none stays."""
    code = title_code(text)
    return _TITLES[code][0] if code and code != "other" else text


def _split_title(text: str) -> tuple[str, str]:
    """(canonical title or "", rest) of cleaned text; a title with nothing behind it is taken as a name."""
    found = _SPACED.match(text) or (None if _NOT_NANG.match(text) else _GLUED.match(text))
    if not found:
        return "", text
    return _TITLES[title_code(found[1])][0], text[found.end() :]


def split_name(text: str) -> Name:
    """Title, first and last name of a name written in one cell ("ด.ช.สมชาย ใจดี" → ด.ช. | สมชาย | ใจดี).

    Rule for titles: a word of its own that spells a title is one. Without a space, dotted abbreviations and the
    words เด็กชาย เด็กหญิง นางสาว สามเณร พระภิกษุ นาย นาง are titles if a syllable can begin behind them (so not นายิกา)
    and the word is none of the few that begin with นาง (นางนวล, นางฟ้า …); พระ and เณร never are (พระพาย).
    Rule for the rest: the last word is the last name, all before it the first and middle names; a surname
    particle (ณ, แซ่, bin, van …) takes the words behind it along, and "X ณ Y" is one surname. A nickname in
    brackets at the end and a "-" for a missing surname are left out.
    """
    title, rest = _split_title(_NICKNAME.sub("", clean(half_width(text))))
    words = [word for word in rest.split(" ") if word not in {"", "-", "–", "—"}]
    if len(words) < 2:
        return Name(title, " ".join(words), "")
    start = len(words) - 1
    for at in range(1, len(words) - 1):
        if words[at].lower() in _SURNAME_PARTICLES:
            start = at - 1 if words[at] == "ณ" and at > 1 else at
            break
    return Name(title, " ".join(words[:start]), " ".join(words[start:]))


_PUNCTUATION = re.compile(r"[\s!-/:-@\[-`{-~]")
_ORDINARY = re.compile("[a-z0-9ก-ฮะ-\u0e3aเ-ๆ]*")


def _letters_only(text: str) -> str:
    """`text` without spaces, punctuation, symbols and ฯ: what is left are letters, vowels, marks and digits."""
    text = _PUNCTUATION.sub("", text)
    if _ORDINARY.fullmatch(text):
        return text
    return "".join(c for c in text if c != "ฯ" and unicodedata.category(c)[0] in "LMN")


def _folded(text: str) -> str:
    return _letters_only(_MARK.sub("", arabic_digits(text)).lower())


def search_key(text: str) -> str:
    """A key under which names are found forgivingly: no title, tone marks, ์, spaces or punctuation; lower case."""
    return _folded(_split_title(clean(half_width(text)))[1])


def name_key(first: str, last: str) -> str:
    """A key equal for two spellings of one name, for proposing duplicates (a person decides). Parts split by "|"."""
    return f"{search_key(first)}|{_folded(clean(half_width(last)))}"


# ── sheets ────────────────────────────────────────────────────────────────────────────────────────────────────────
_GARBLED = re.compile(
    "\ufffd|[\u0080-\u009f]"  # lost, or a control character no keyboard makes
    "|[àÀ][¸¹]"  # UTF-8 read as Latin-1 or Windows-1252: à¸Š
    "|[\u00a1-\u00fb]{3}"  # Windows-874 read as Latin-1: ª×èÍ; no language strings three of these together
    "|(?:เ[ธน][^\\sเ]?){3}"  # UTF-8 read as Windows-874: เธเธทเนเธญ
    r"|\A[?\s]*\?{3}[?\s]*\Z"  # saved in a code page without Thai
)


def looks_garbled(text: str) -> bool:
    """Whether `text` is mojibake, that is Thai decoded with the wrong code page (bad_inputs X50)."""
    if _GARBLED.search(text):
        return True
    # Two letters are too few for the run above: "»." alone; real words of two such letters do not exist.
    letters = [c for c in text if not c.isspace() and c not in ".-/()0123456789"]
    return len(letters) == 2 and all("\u00a1" <= c <= "\u00fb" for c in letters)


_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")


def header_key(text: str) -> str:
    """A key equal for all spellings of one column heading (bad_inputs X25).

    What stands in brackets is an explanation ("วันเกิด (วว/ดด/ปปปป)") and is dropped unless it is all there is; then
    only letters, vowels, marks and digits count; ฯ is dropped, case and kind of digit are ignored.
    """
    text = arabic_digits(clean(half_width(text))).lower()
    for candidate in (_BRACKETS.sub(" ", text), text):
        key = _letters_only(candidate)
        if key:
            return key
    return ""
