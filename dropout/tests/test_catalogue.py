"""The English catalogue is whole: every marked message of the source, its placeholders, compiled as written."""

import ast
import re
from gettext import GNUTranslations
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

FOLDER = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES"
APPS = ("cases", "dropout", "reports", "schools")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")
# what marks a message → which arguments are its context and its words
MARKS = dict.fromkeys(("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"), (None, 0))
MARKS |= dict.fromkeys(("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"), (0, 1))
# no singular: a deadline of the law, the identities of a page, the hours a file is kept, a part of what is more
NEVER_ONE = {
    "ตำบลเดียวกับบ้านเด็ก (มี %(n)s โรงเรียน)",
    "ใน %(n)s วัน",
    "ตรวจแล้วตรงกัน %(n)s ข้อ",
    "ไฟล์เตรียมเบื้องหลัง ดาวน์โหลดได้เฉพาะท่าน 3 ครั้งใน %(hours)s ชั่วโมง ทุกครั้งเก็บในบันทึกการเข้าถึง",
    "แสดง %(n)s คนที่เร่งด่วนที่สุด จาก %(all)s คน",
    "แสดง %(n)s จาก %(all)s โรงเรียน ค้นด้วยชื่อหรือรหัสเพื่อหาโรงเรียนอื่น",
    "มากกว่า %(n)s คน",
    "พบ %(total)s แห่ง แสดง %(n)s แห่งแรก เลือกหนึ่งแห่ง หรือพิมพ์ชื่อให้ยาวขึ้น",
    "ตำบลเดียวกับเด็ก %(n)s จาก %(of)s คน",
    "อำเภอเดียวกับเด็ก %(n)s จาก %(of)s คน",
}
_QUOTED = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
IN_TEMPLATES = re.compile(rf"(?<!\w)(n?p?gettext|_)\({_QUOTED}(?:, ?{_QUOTED})?")


class Entry(NamedTuple):
    """One message of the catalogue."""

    context: str
    words: str
    english: tuple[str, ...]
    flags: str


def entries(text: str) -> list[Entry]:
    """The messages of a .po file, without its header; obsolete ones are comments and count as none."""
    found = []
    for block in text.split("\n\n"):
        parts: dict[str, str] = {}
        name = flags = ""
        for line in block.splitlines():
            if line.startswith("#,"):
                flags += line
            elif match := re.match(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) "', line):
                name = match[1]
                parts[name] = ast.literal_eval(line[len(name) + 1 :])
            elif line.startswith('"'):
                parts[name] += ast.literal_eval(line)
        if parts.get("msgid"):
            english = tuple(text for key, text in parts.items() if key.startswith("msgstr"))
            found.append(Entry(parts.get("msgctxt", ""), parts["msgid"], english, flags))
    return found


def marked_in_python(source: str) -> set[tuple[str, str]]:
    """(context, words) of every message a module marks."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if name in MARKS:
            context, words = MARKS[name]
            said = node.args[words] if len(node.args) > words else None
            if isinstance(said, ast.Constant) and isinstance(said.value, str):
                found.add((node.args[context].value if context is not None else "", said.value))
    return found


def marked_in_template(source: str) -> set[tuple[str, str]]:
    """(context, words) of every message a template marks."""
    found = set()
    for name, first, second in IN_TEMPLATES.findall(templatize(source)):
        words = ast.literal_eval(first)
        found.add((words, ast.literal_eval(second)) if "p" in name else ("", words))
    return found


@pytest.fixture(scope="module")
def catalogue() -> list[Entry]:
    return entries((FOLDER / "django.po").read_text(encoding="utf-8"))


def test_every_message_of_the_source_has_its_english(catalogue):
    root = settings.BASE_DIR
    said = set()
    for app in APPS:
        for path in (root / app).rglob("*.py"):
            if "tests" not in path.parts:
                said |= marked_in_python(path.read_text(encoding="utf-8"))
    assert len(said) > 200
    templates = set()
    for path in (root / "templates").rglob("*.html"):
        templates |= marked_in_template(path.read_text(encoding="utf-8"))
    assert len(templates) > 200
    known = {(entry.context, entry.words) for entry in catalogue}
    assert said | templates == known  # neither a message without English, nor one that nobody says any more


def test_the_search_for_messages_finds_each_kind():
    assert marked_in_python('_("ก"); pgettext("x", "ข"); other("ค"); ngettext("ง", "ง", 2)') == {
        ("", "ก"),
        ("x", "ข"),
        ("", "ง"),
    }
    source = '{% load i18n %}{% translate \'ก\' %}{% translate "ข" context "x" %}'
    source += "{% blocktranslate with n=1 %}ค {{ n }}{% endblocktranslate %}{% f _('ง') %}"
    assert marked_in_template(source) == {("", "ก"), ("x", "ข"), ("", "ค %(n)s"), ("", "ง")}


def test_every_message_has_english_words_and_its_placeholders(catalogue):
    for entry in catalogue:
        assert "fuzzy" not in entry.flags, entry
        assert entry.english, entry
        for english in entry.english:
            assert english.strip(), entry
            assert not re.search(r"[\u0e01-\u0e3e\u0e40-\u0e7f]", english), entry
            assert sorted(set(PLACEHOLDER.findall(english)) - {"%%"}) == sorted(
                set(PLACEHOLDER.findall(entry.words)) - {"%%"}
            ), entry


def test_a_sign_for_per_cent_is_doubled_where_words_are_filled_in(catalogue):
    """`% o` of "% of" is a placeholder to Python: a page would fail in English alone."""
    filled = [entry for entry in catalogue if "python-format" in entry.flags]
    assert filled
    for entry in filled:
        for english in entry.english:
            assert "%" not in PLACEHOLDER.sub("", english), entry


def test_a_count_of_one_reads_as_one(catalogue):
    """`1 children` is no English: where a count stands before a plural, the message has its singular too."""
    plural = re.compile(r"%\(\w+\)[sd] (?:\w+ )?(?:children|\w+s)\b")
    counted = {entry.words for entry in catalogue if len(entry.english) == 1 and plural.search(entry.english[0])}
    assert counted == NEVER_ONE


def test_english_is_compiled_from_what_is_written(catalogue):
    """The .mo is committed because a machine that only runs the product has no msgfmt."""
    with (FOLDER / "django.mo").open("rb") as handle:
        compiled = GNUTranslations(handle)
    assert len(catalogue) > 100
    for entry in catalogue:
        context = entry.context or None
        if len(entry.english) == 2:
            assert compiled.ngettext(entry.words, entry.words, 1) == entry.english[0]
            assert compiled.ngettext(entry.words, entry.words, 2) == entry.english[1]
        elif context:
            assert compiled.pgettext(context, entry.words) == entry.english[0]
        else:
            assert compiled.gettext(entry.words) == entry.english[0]
