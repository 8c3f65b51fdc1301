"""Thai order, forgiving search, names as sheets hold them, headings however spelt."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.thaitext import (
    arabic_digits,
    clean,
    half_width,
    header_key,
    looks_garbled,
    name_key,
    search_key,
    sort_key,
    split_name,
    title_code,
)

_IN_ORDER = """กระบี่ กรุงเทพมหานคร กาญจนบุรี กาฬสินธุ์ กำแพงเพชร ขอนแก่น จันทบุรี ฉะเชิงเทรา ชลบุรี ชัยนาท ชัยภูมิ ชุมพร
เชียงราย เชียงใหม่ ตรัง ตราด ตาก นครนายก นครปฐม นครพนม นครราชสีมา นครศรีธรรมราช นครสวรรค์ นนทบุรี นราธิวาส น่าน บึงกาฬ
บุรีรัมย์ ปทุมธานี ประจวบคีรีขันธ์ ปราจีนบุรี ปัตตานี พระนครศรีอยุธยา พะเยา พังงา พัทลุง พิจิตร พิษณุโลก เพชรบุรี
เพชรบูรณ์ แพร่ ภูเก็ต มหาสารคาม มุกดาหาร แม่ฮ่องสอน ยโสธร ยะลา ร้อยเอ็ด ระนอง ระยอง ราชบุรี ลพบุรี ลำปาง ลำพูน เลย
ศรีสะเกษ สกลนคร สงขลา สตูล สมุทรปราการ สมุทรสงคราม สมุทรสาคร สระแก้ว สระบุรี สิงห์บุรี สุโขทัย สุพรรณบุรี สุราษฎร์ธานี
สุรินทร์ หนองคาย หนองบัวลำภู อ่างทอง อำนาจเจริญ อุดรธานี อุตรดิตถ์ อุทัยธานี อุบลราชธานี"""
PROVINCES = _IN_ORDER.split()

THAI = st.text(
    alphabet=[chr(c) for c in range(0x0E01, 0x0E3B)] + [chr(c) for c in range(0x0E40, 0x0E4F)] + [" "], max_size=20
)


# ── cleaning ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("dirty", "meant"),
    [
        ("ก\u0e4d\u0e32แพงเพชร", "กำแพงเพชร"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("\u0e40\u0e40พร่", "แพร่"),
        ("\u200bสม\ufeffชาย\u2060", "สมชาย"),
        ("  สมชาย\u00a0 \n ใจดี ", "สมชาย ใจดี"),
        ("Jose\u0301", "José"),
        ("ใจ\u202eดี", "ใจดี"),
    ],
)
def test_clean_gives_the_text_that_was_meant(dirty, meant):
    assert clean(dirty) == meant


@given(st.text(max_size=40) | THAI)
def test_clean_twice_is_clean_once_and_stays_nfc(text):
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_digits_of_every_kind_become_arabic_and_sara_am_survives_half_width():
    assert arabic_digits("๐๑๒๓๔๕๖๗๘๙ ０９ น้ำ") == "0123456789 09 น้ำ"
    assert half_width("（Ａ）　น้ำ") == "(A) น้ำ"


# ── order ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_77_provinces_sort_as_in_the_dictionary():
    assert len(PROVINCES) == 77
    shuffled = random.Random(1).sample(PROVINCES, 77)
    assert sorted(shuffled, key=sort_key) == PROVINCES
    assert sorted(shuffled) != PROVINCES


def test_tone_marks_decide_only_between_equal_letters():
    ordered = ["กา", "ก่า", "ก้า", "ก๊า", "ก๋า", "กาก", "การ", "การ์", "การณ์", "เก", "เก่", "แก", "ไก่", "ข"]
    assert sorted(random.Random(2).sample(ordered, len(ordered)), key=sort_key) == ordered


def test_a_mark_further_left_weighs_more():
    assert sort_key("กาก่า") < sort_key("ก่ากา")


def test_sort_key_ignores_how_the_text_was_typed():
    assert sort_key("ก\u0e4d\u0e32แพงเพชร") == sort_key(" กำแพงเพชร ")
    assert sort_key("เขต ๓") == sort_key("เขต 3")


@given(THAI, THAI)
def test_letters_decide_before_marks_whatever_the_marks(left, right):
    def bare(text):
        return "".join(c for c in clean(text) if not "\u0e47" <= c <= "\u0e4c" and c != "\u0e4e")

    bare_left, bare_right = sort_key(bare(left)), sort_key(bare(right))
    if bare(left) == clean(bare(left)) and bare(right) == clean(bare(right)) and bare_left != bare_right:
        assert (sort_key(left) < sort_key(right)) == (bare_left < bare_right)


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("ด.ช.สมชาย ใจดี", ("ด.ช.", "สมชาย", "ใจดี")),
        ("ด.ช. สมชาย  ใจดี", ("ด.ช.", "สมชาย", "ใจดี")),
        ("ด .ช. สมชาย ใจดี", ("ด.ช.", "สมชาย", "ใจดี")),
        ("ดช.สมชาย ใจดี", ("ด.ช.", "สมชาย", "ใจดี")),
        ("ดช สมชาย ใจดี", ("ด.ช.", "สมชาย", "ใจดี")),
        ("เด็กชายสมชาย ใจดี", ("ด.ช.", "สมชาย", "ใจดี")),
        ("เด็กหญิง สมหญิง ใจดี", ("ด.ญ.", "สมหญิง", "ใจดี")),
        ("ด.ญ.เพ็ญ ใจดี", ("ด.ญ.", "เพ็ญ", "ใจดี")),
        ("นางสาวสมหญิง ใจดี", ("น.ส.", "สมหญิง", "ใจดี")),
        ("น.ส.สมหญิง ใจดี", ("น.ส.", "สมหญิง", "ใจดี")),
        ("นส. สมหญิง ใจดี", ("น.ส.", "สมหญิง", "ใจดี")),
        ("นายแดง ใจดี", ("นาย", "แดง", "ใจดี")),
        ("นางสมศรี ใจดี", ("นาง", "สมศรี", "ใจดี")),
        ("นางนวลจันทร์ ใจดี", ("นาง", "นวลจันทร์", "ใจดี")),
        ("นาง นวล ใจดี", ("นาง", "นวล", "ใจดี")),
        ("สามเณรแดง ใจดี", ("สามเณร", "แดง", "ใจดี")),
        ("พระภิกษุสมชาย ใจดี", ("พระ", "สมชาย", "ใจดี")),
        ("พระ สมชาย ใจดี", ("พระ", "สมชาย", "ใจดี")),
        ("อื่น ๆ สมชาย ใจดี", ("อื่นๆ", "สมชาย", "ใจดี")),
        ("Mr. John Robert Smith", ("นาย", "John Robert", "Smith")),
        ("Miss Anna de Souza", ("น.ส.", "Anna", "de Souza")),
        ("master Tom Lee", ("ด.ช.", "Tom", "Lee")),
        ("สมชาย ใจดี", ("", "สมชาย", "ใจดี")),
        ("สมชาย", ("", "สมชาย", "")),
        ("นาย อ่อง -", ("นาย", "อ่อง", "")),
        ("นายสมชาย ณ อยุธยา", ("นาย", "สมชาย", "ณ อยุธยา")),
        ("นายสมชาย เทพหัสดิน ณ อยุธยา", ("นาย", "สมชาย", "เทพหัสดิน ณ อยุธยา")),
        ("สมชาย กลาง ใจดี", ("", "สมชาย กลาง", "ใจดี")),
        ("แดง แซ่ ลี้", ("", "แดง", "แซ่ ลี้")),
        ("สมชาย ใจดี (แดง)", ("", "สมชาย", "ใจดี")),
        ("", ("", "", "")),
    ],
)
def test_a_name_in_one_cell_comes_apart(cell, parts):
    assert tuple(split_name(cell)) == parts


@pytest.mark.parametrize("name", ["นายิกา", "พระพาย", "นางนวล", "นางฟ้า", "ดชา", "เณรา", "Missy", "Mrtin", "นาย", "ด.ช."])
def test_a_name_that_begins_like_a_title_is_not_eaten(name):
    assert tuple(split_name(f"{name} ใจดี" if name not in {"นาย", "ด.ช."} else name)) == (
        "",
        name,
        "ใจดี" if name not in {"นาย", "ด.ช."} else "",
    )


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("ด.ช.", "boy"), ("เด็กชาย", "boy"), ("ดช", "boy"), ("ด.ญ.", "girl"), ("เด็กหญิง", "girl"), ("นาย", "mr"),
        ("น.ส.", "miss"), ("นางสาว", "miss"), ("นาง", "mrs"), ("สามเณร", "novice"), ("พระ", "monk"), ("พระภิกษุ", "monk"),
        ("อื่นๆ", "other"), ("อื่น ๆ", "other"), ("Master", "boy"), ("Mr", "mr"), ("Mrs.", "mrs"), ("ดร.", None),
        ("", None),
    ],
)  # fmt: skip
def test_titles_are_known_by_every_spelling(written, code):
    assert title_code(written) == code


def test_search_forgives_titles_tones_spaces_and_digits():
    key = search_key("สมศักดิ์ น้ำใจ")
    for typed in ["ด.ช.สมศักดิ์ น้ำใจ", "สมศักดิน้ำใจ", "เด็กชาย สมศักดิ์  นำใจ", "สมศักดิ\u0e4c น\u0e49\u0e4d\u0e32ใจ"]:
        assert search_key(typed) == key
    assert search_key("JOHN  Smith") == search_key("john smith")
    assert search_key("หมู่ ๓") == search_key("หมู่3")
    assert search_key("สมศรี น้ำใจ") != key


def test_name_key_joins_spellings_of_one_person_and_keeps_first_and_last_apart():
    assert name_key("สมชาย", "น้ำ ใจ") == name_key("ด.ช.สมชาย", "นำใจ")
    assert name_key("สม", "ชายดี") != name_key("สมชาย", "ดี")
    assert name_key("แดง", "นายกอง") != name_key("แดง", "กอง")


# ── sheets ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "text",
    [
        "à¸Šà¸·à¹ˆà¸­",
        "ª×èÍ",
        "สมช\ufffdย",
        "เธเธทเนเธญ",
        "?????? ????",
        "ชื่อ".encode().decode("latin-1"),
        "เลขที่".encode("cp874").decode("latin-1"),
    ],
)
def test_garbled_text_is_recognised(text):
    assert looks_garbled(text)


@pytest.mark.parametrize(
    "text", ["สมชาย ใจดี", "José Müller", "Søren Åström", "เธอเน้นเรื่องเดิม", "จริงหรือ???", "", "12/3 ม.4", "Zoë"]
)
def test_sound_text_is_not_called_garbled(text):
    assert not looks_garbled(text)


@pytest.mark.parametrize("wrong_page", ["latin-1", "cp874"])
def test_every_province_in_a_wrong_code_page_is_recognised(wrong_page):
    missed = [name for name in PROVINCES if not looks_garbled(name.encode().decode(wrong_page, "replace"))]
    assert missed == []


@pytest.mark.parametrize(
    "heading",
    [
        "เลขประจำตัวประชาชน",
        " เลขประจำตัว\nประชาชน ",
        "เลขประจำตัว\u00a0ประชาชน*",
        "เลข\u200bประจ\u0e4d\u0e32ตัวประชาชน",
        "เลขประจำตัวประชาชน (13 หลัก)",
        "เลขประจำตัวประชาชน（๑๓ หลัก）",
        "“เลขประจำตัวประชาชน” :",
        "เลขประจำตัวประชาชนฯ",
    ],
)
def test_a_heading_is_known_however_it_is_spelt(heading):
    assert header_key(heading) == "เลขประจำตัวประชาชน"


def test_headings_that_differ_stay_apart_and_brackets_alone_are_read():
    assert header_key("สถานะ/สาเหตุ") == "สถานะสาเหตุ"
    assert header_key("(ชื่อ)") == "ชื่อ"
    assert header_key("Birth Date") == header_key("birthdate")
    assert header_key("หมายเหตุ ๒") == "หมายเหตุ2"
    assert header_key("ชื่อ") != header_key("นามสกุล")
    assert header_key(" - ") == ""
