"""National ID and G-code: read as sheets hold them, checked, masked, sealed, found again, kept out of logs."""

import hashlib
import hmac
import io
import logging
import re

import pytest
from django.conf import settings
from django.test.utils import override_settings
from hypothesis import assume, given
from hypothesis import strategies as st

from cases.identity import (
    G_CODE,
    NATIONAL_ID,
    BadIdentifier,
    LogScrubber,
    Seal,
    SealBroken,
    blind_index,
    check_digit,
    make_synthetic_id,
    mask,
    needs_resealing,
    normalise_identifier,
    parse_identifier,
    scrub,
    seal,
    unseal,
)

SOMCHAI = "1999900001010"  # synthetic: office 9999
G = "G649900000001"
THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
IDS = st.builds(make_synthetic_id, st.integers(0, 9_999_999), st.integers(0, 8))


def refusal(value):
    with pytest.raises(BadIdentifier) as caught:
        parse_identifier(value)
    assert caught.value.message_th
    assert caught.value.message_en
    return caught.value


# ── reading and checking ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "valid", ["1999900001010", "2999900123458", "5999912345676", "6999900987650", "0999989000125", "1999900000081"]
)
def test_the_published_vectors_are_valid(valid):
    assert parse_identifier(valid).value == valid
    assert check_digit(valid[:12]) == int(valid[12])


def test_a_check_digit_is_asked_of_twelve_digits_only():
    with pytest.raises(ValueError, match="twelve"):
        check_digit(SOMCHAI)


@pytest.mark.parametrize(
    "found",
    [
        1999900001010,
        1999900001010.0,
        "1999900001010.0",
        "'1999900001010",
        "’1999900001010",
        "1-9999-00001-01-0",
        "1 9999 00001 01 0",
        "1–9999–00001–01–0",
        " 1999900001010\n",
        "\u200b1999900001010\ufeff",
        "1999900\u00a0001010",
        SOMCHAI.translate(THAI_DIGITS),
        SOMCHAI.translate(FULL_WIDTH),
    ],
)
def test_a_national_id_is_read_however_the_sheet_holds_it(found):
    identifier = parse_identifier(found)
    assert (identifier.kind, identifier.value, identifier.warning) == (NATIONAL_ID, SOMCHAI, None)


@pytest.mark.parametrize(
    "blank",
    [None, "", "  ", "-", "–", ".", "ไม่มี", "ไม่มีเลขบัตร", "n/a", "N/A", "None", "0", 0, 0.0, float("nan"),
     "0000000000000", "0-0000-00000-00-0", "๐๐๐๐๐๐๐๐๐๐๐๐๐", "9999999999999", 9999999999999.0],
)  # fmt: skip
def test_what_stands_for_no_identifier_is_blank(blank):
    assert parse_identifier(blank) is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1999900001011", "X34"),
        ("2999900124358", "X34"),
        ("599991234567", "X31"),
        (999989000125, "X31"),
        ("69999O0987650", "identifier_letters"),
        ("สมชาย", "identifier_letters"),
        ("9999989000125", "identifier_category"),
        ("19999000010100", "identifier_length"),
        ("19999", "identifier_length"),
        ("1.99990000101E+12", "identifier_shortened"),
        ("2E+12", "identifier_shortened"),
        ("G64990000000", "g_code_length"),
        ("G6499000000011", "g_code_length"),
        ("GG49900000001", "identifier_letters"),
        (True, "identifier_letters"),
        (1999900001010.5, "identifier_letters"),
        (2.5e20, "identifier_shortened"),
    ],
)
def test_what_cannot_be_an_identifier_is_refused_by_its_own_reason(value, code):
    assert refusal(value).code == code


def test_a_refusal_never_repeats_the_number():
    for value in ["1999900001011", "199990000101", "69999O0987650", "9999989000125", "19999000010100"]:
        refused = refusal(value)
        shown = f"{refused} {refused!r} {refused.message_th} {refused.message_en}"
        assert value not in shown
        assert not re.search(r"[0-9]{5}", shown)


def test_an_identifier_in_a_traceback_shows_no_number():
    assert SOMCHAI not in repr(parse_identifier(SOMCHAI))


@pytest.mark.parametrize("found", ["G641000000001", "g641000000001", "G๖๔๑๐๐๐๐๐๐๐๐๑", " g-64-10-00000001 "])
def test_a_g_code_is_read_in_either_case_and_kind_of_digit(found):
    identifier = parse_identifier(found)
    assert (identifier.kind, identifier.value, identifier.warning) == (G_CODE, "G641000000001", None)


def test_a_g_code_without_a_province_is_only_a_warning():
    identifier = parse_identifier("G649900000001")
    assert (identifier.value, identifier.warning) == ("G649900000001", "g_code_form")


def test_the_77_province_codes_pass_the_strict_form():
    strict = [n for n in range(100) if parse_identifier(f"G64{n:02}00000001").warning is None]
    assert len(strict) == 77
    assert {10, 38, 46, 96} <= set(strict)
    assert not {28, 29, 59, 97} & set(strict)


@given(IDS)
def test_synthetic_ids_are_valid_and_of_the_office_nobody_has(identifier):
    assert identifier[1:5] == "9999"
    parsed = parse_identifier(identifier)
    # the one row of nines in that block stands for "none"
    assert parsed is None or parsed.value == identifier


def test_synthetic_ids_differ_and_stay_in_range():
    assert len({make_synthetic_id(n, c) for n in range(500) for c in range(9)}) == 4500
    for n, category in [(-1, 1), (10_000_000, 1), (1, 9)]:
        with pytest.raises(ValueError, match="n must be"):
            make_synthetic_id(n, category)


def remainder(number):
    return sum((13 - i) * int(digit) for i, digit in enumerate(number[:12])) % 11


@given(IDS, st.integers(0, 11).filter(lambda at: at != 2), st.integers(1, 9))
def test_every_single_wrong_digit_is_detected_as_far_as_the_rule_can(identifier, at, shift):
    """A wrong digit always moves the remainder; only 0 and 10 share a check digit (1)."""
    wrong = identifier[:at] + str((int(identifier[at]) + shift) % 10) + identifier[at + 1 :]
    assert remainder(wrong) != remainder(identifier)
    passes = check_digit(wrong[:12]) == int(wrong[12])
    assert passes == ({remainder(identifier), remainder(wrong)} == {0, 10})


@given(IDS, st.integers(0, 9))
def test_the_third_digit_weighs_eleven_and_so_is_never_checked(identifier, digit):
    assert check_digit(f"{identifier[:2]}{digit}{identifier[3:12]}") == int(identifier[12])


@given(IDS, st.integers(1, 9))
def test_a_wrong_last_digit_is_always_detected(identifier, shift):
    wrong = identifier[:12] + str((int(identifier[12]) + shift) % 10)
    assert refusal(wrong).code == "X34"


@given(IDS, st.integers(0, 10))
def test_neighbours_exchanged_are_detected_as_far_as_the_rule_can(identifier, at):
    assume(identifier[at] != identifier[at + 1])
    wrong = identifier[:at] + identifier[at + 1] + identifier[at] + identifier[at + 2 :]
    assert remainder(wrong) != remainder(identifier)
    passes = check_digit(wrong[:12]) == int(wrong[12])
    assert passes == ({remainder(identifier), remainder(wrong)} == {0, 10})


@given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.text(alphabet="0123456789-G ๑E.+", max_size=18)))
def test_any_input_gives_an_identifier_a_blank_or_a_refusal(value):
    try:
        parsed = parse_identifier(value)
    except BadIdentifier:
        return
    if parsed is not None:
        assert re.fullmatch(r"[0-8][0-9]{12}|G[0-9]{12}", parsed.value, re.ASCII)
        assert parsed.value == normalise_identifier(value)


# ── showing ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_masks_have_the_shapes_of_the_guard():
    assert mask(SOMCHAI) == "1-XXXX-XXXXX-01-0"
    assert mask("๑-๙๙๙๙-๐๐๐๐๑-๐๑-๐") == "1-XXXX-XXXXX-01-0"
    assert mask("G641000000001") == "G-XXXXXXXX-0001"
    assert mask("199990000101") == "XXXXXXXX0101"
    assert mask("") == ""


@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789๑-", max_size=30), IDS))
def test_no_mask_shows_more_than_four_digits(value):
    shown = mask(value)
    assert sum(character.isdigit() for character in shown) <= 4
    assert not any(character.isalpha() for character in shown.replace("X", "").removeprefix("G"))


# ── sealing ───────────────────────────────────────────────────────────────────────────────────────────────────────
@given(st.text(max_size=60), st.binary(max_size=20))
def test_what_is_sealed_opens_to_itself_and_never_looks_the_same_twice(value, context):
    first, second = seal(value, context), seal(value, context)
    assert unseal(first, context) == unseal(memoryview(second), context) == value
    assert first != second
    assert len(value) < 5 or value.encode() not in first


@given(st.integers(0, 45), st.integers(1, 255))
def test_an_altered_blob_is_refused_wherever_it_was_altered(at, flip):
    blob = bytearray(seal(SOMCHAI))
    blob[at] ^= flip
    with pytest.raises(SealBroken):
        unseal(bytes(blob))


def test_a_blob_opens_only_in_its_own_context():
    blob = seal(SOMCHAI, b"child.national_id")
    for context in (b"", b"child.g_code"):
        with pytest.raises(SealBroken):
            unseal(blob, context)
    for stump in (b"", blob[:5], blob[:20]):
        with pytest.raises(SealBroken):
            unseal(stump, b"child.national_id")


def test_keys_rotate_without_losing_what_older_keys_sealed():
    old, new = hashlib.sha256(b"old").digest(), hashlib.sha256(b"new").digest()
    with override_settings(IDENTITY_SEAL_KEYS=[old]):
        sealed_before = seal(SOMCHAI)
        assert not needs_resealing(sealed_before)
    with override_settings(IDENTITY_SEAL_KEYS=[new, old]):
        assert unseal(sealed_before) == SOMCHAI
        assert needs_resealing(sealed_before)
        sealed_anew = seal(unseal(sealed_before))
        assert not needs_resealing(sealed_anew)
    with override_settings(IDENTITY_SEAL_KEYS=[new]):
        assert unseal(sealed_anew) == SOMCHAI
        with pytest.raises(SealBroken, match="not configured"):
            unseal(sealed_before)


@pytest.mark.parametrize("keys", [[], [b"short"], [b"k" * 32, b"k" * 32]])
def test_a_seal_refuses_nonsense_keys(keys):
    with pytest.raises(ValueError, match="IDENTITY_SEAL_KEYS"):
        Seal(keys)


def test_the_blind_index_is_the_standard_hmac_of_kind_and_value():
    expected = hmac.new(settings.IDENTITY_INDEX_KEY, b"national_id\x001999900001010", "sha256").hexdigest()
    assert blind_index(NATIONAL_ID, SOMCHAI) == expected
    assert blind_index(G_CODE, SOMCHAI) != expected
    assert blind_index(NATIONAL_ID, make_synthetic_id(102)) != expected
    with override_settings(IDENTITY_INDEX_KEY=b"i" * 32):
        assert blind_index(NATIONAL_ID, SOMCHAI) != expected
    assert blind_index(NATIONAL_ID, SOMCHAI) == expected


def test_the_index_key_must_be_a_key_apart():
    for key in (settings.IDENTITY_SEAL_KEYS[0], b"short"):
        with override_settings(IDENTITY_INDEX_KEY=key), pytest.raises(ValueError, match="IDENTITY_INDEX_KEY"):
            blind_index(NATIONAL_ID, SOMCHAI)


@pytest.mark.parametrize("raw", ["1-9999-00001-01-0", SOMCHAI.translate(THAI_DIGITS), "1999900001010\n", ""])
def test_an_unnormalised_value_is_never_indexed(raw):
    with pytest.raises(ValueError, match="normalised"):
        blind_index(NATIONAL_ID, raw)


# ── logs ──────────────────────────────────────────────────────────────────────────────────────────────────────────
SPELLINGS = [
    lambda i: i,
    lambda i: f"{i[0]}-{i[1:5]}-{i[5:10]}-{i[10:12]}-{i[12]}",
    lambda i: f"{i[0]} {i[1:5]} {i[5:10]} {i[10:12]} {i[12]}",
    lambda i: i.translate(THAI_DIGITS),
    lambda i: i.translate(FULL_WIDTH),
    lambda i: "\u200b".join(i),
    lambda i: "\u00a0".join(i),
]


@given(
    IDS.filter(lambda i: parse_identifier(i)),
    st.sampled_from(SPELLINGS),
    st.sampled_from(["", "แถว 5: ", "id=", "5 ", "2569-", "("]),
    st.sampled_from(["", " ปี 2565", " 2569", ".", ")", "\n0812345678"]),
)
def test_no_spelling_of_an_id_survives_in_free_text(identifier, spell, before, after):
    scrubbed = scrub(f"{before}{spell(identifier)}{after}")
    assert identifier not in normalise_identifier(scrubbed)
    assert scrubbed.count("X") >= 9


def test_scrub_keeps_what_is_no_identifier():
    for text in ["", "เยี่ยมบ้าน 28/02/2565 เวลา 13.30 น. โทร 081-234-5678", "1999900001011", f"9{SOMCHAI}",
                 "550e8400-e29b-41d4-a716-446655440000", "2026-11-20 13:30:00 rows=110755"]:  # fmt: skip
        assert scrub(text) == text


def test_scrub_masks_in_place_and_g_codes_too():
    assert scrub("เลข 1-9999-00001-01-0 ค่ะ") == "เลข 1-XXXX-XXXXX-01-0 ค่ะ"
    assert scrub(f"{SOMCHAI}, {G.lower()}!") == "1XXXXXXXXX010, gXXXXXXXX0001!"


def log_of(write):
    """What a handler with the scrubber prints when `write(logger)` logs."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s %(child)s", defaults={"child": ""}))
    handler.addFilter(LogScrubber())
    logger = logging.Logger("cases.tests.identity")
    logger.addHandler(handler)
    write(logger)
    return stream.getvalue()


def fail_with_an_id(logger):
    try:
        {}[f"duplicate key {SOMCHAI}"]
    except KeyError:
        logger.exception("failed")


@pytest.mark.parametrize(
    "write",
    [
        lambda logger: logger.warning("child %s", SOMCHAI),
        lambda logger: logger.warning("child %(id)s", {"id": SOMCHAI}),
        lambda logger: logger.warning("child %d", int(SOMCHAI)),
        lambda logger: logger.warning(f"child {SOMCHAI}"),
        lambda logger: logger.warning("child", extra={"child": SOMCHAI}),
        lambda logger: logger.warning("misfit %s %s", SOMCHAI),
        fail_with_an_id,
    ],
)
def test_no_log_line_carries_an_id(write):
    line = log_of(write)
    assert SOMCHAI not in line
    assert "1XXXXXXXXX010" in line
