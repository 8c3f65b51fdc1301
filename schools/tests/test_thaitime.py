"""Dates as people write them, years as the ministry counts them, and periods that tile time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools.thaitime import (
    BANGKOK,
    MONTHLY,
    WEEKLY,
    BadDate,
    BadPeriod,
    Period,
    academic_year,
    bangkok_midnight,
    bangkok_today,
    be_year,
    fiscal_year,
    parse_thai_date,
    semester,
    thai_date,
    thai_datetime,
)

TODAY = date(2026, 11, 20)
FEB28 = date(2022, 2, 28)
HALF_PAST_ONE = datetime(2022, 2, 28, 13, 30, tzinfo=BANGKOK)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
SEEN_DAYS = st.dates(date(1973, 1, 1), date(2100, 12, 31))
NAIVE = datetime.fromisoformat  # a sheet's date cells come without a time zone
MOMENTS = st.datetimes(NAIVE("1950-01-01"), NAIVE("2100-01-01"), timezones=st.sampled_from([UTC, BANGKOK]))


def refusal(value, **options):
    with pytest.raises(BadDate) as caught:
        parse_thai_date(value, today=TODAY, **options)
    assert caught.value.message_th
    assert caught.value.message_en
    return caught.value


# ── showing ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("form", "thai", "english"),
    [
        ("short", "28 ก.พ. 65", "28 Feb 2565 BE"),
        ("long", "28 ก.พ. 2565", "28 Feb 2565 BE"),
        ("full", "28 กุมภาพันธ์ 2565", "28 February 2565 BE"),
        ("numeric", "28/02/2565", "28/02/2565"),
    ],
)
def test_thai_date_every_form_shows_the_buddhist_year_in_both_languages(form, thai, english):
    assert thai_date(FEB28, form, plain=True) == thai
    assert thai_date(FEB28, form, lang="en", plain=True) == english


def test_thai_date_on_screen_never_breaks_inside():
    assert thai_date(FEB28) == "28\u00a0ก.\u2060พ.\u00a02565"
    assert thai_date(FEB28, lang="en") == "28\u00a0Feb\u00a02565\u00a0BE"


def test_thai_datetime_shows_bangkok_time_and_breaks_only_before_the_time():
    assert thai_datetime(HALF_PAST_ONE, plain=True) == "28 ก.พ. 2565 เวลา 13.30 น."
    assert thai_datetime(HALF_PAST_ONE).split(" ") == ["28\u00a0ก.\u2060พ.\u00a02565", "เวลา\u00a013.30\u00a0น."]
    assert thai_datetime(HALF_PAST_ONE, lang="en", plain=True) == "28 Feb 2565 BE, 13:30"
    assert thai_datetime(datetime(2022, 2, 28, 18, 5, tzinfo=UTC), plain=True) == "1 มี.ค. 2565 เวลา 01.05 น."


def test_a_naive_datetime_or_unknown_form_is_refused():
    naive = HALF_PAST_ONE.replace(tzinfo=None)
    for wrong in (lambda: thai_datetime(naive), lambda: thai_date(naive), lambda: thai_date(FEB28, "medium")):
        with pytest.raises(ValueError, match=r"time zone|unknown date form"):
            wrong()


# ── years ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("day", "year", "term"),
    [
        (date(2022, 2, 28), 2564, 2),
        (date(2022, 5, 15), 2564, 2),
        (date(2022, 5, 16), 2565, 1),
        (date(2022, 10, 31), 2565, 1),
        (date(2022, 11, 1), 2565, 2),
        (date(2026, 11, 20), 2569, 2),
    ],
)
def test_academic_year_and_semester_follow_the_regulation(day, year, term):
    assert (academic_year(day), semester(day)) == (year, term)


def test_fiscal_year_turns_on_the_first_of_october():
    assert [fiscal_year(date(2023, 9, 30)), fiscal_year(date(2023, 10, 1))] == [2566, 2567]


def test_a_moment_belongs_to_its_bangkok_day():
    new_year_in_bangkok = datetime(2021, 12, 31, 17, 0, tzinfo=UTC)
    assert be_year(new_year_in_bangkok) == 2565
    assert be_year(new_year_in_bangkok - timedelta(seconds=1)) == 2564
    assert bangkok_today(new_year_in_bangkok) == date(2022, 1, 1)
    assert bangkok_midnight(date(2022, 1, 1)) == new_year_in_bangkok


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "written",
    [
        "28/02/2565",
        "28/2/2565",
        "28-02-2565",
        "28.2.2565",
        " 28 / 02 / 2565 ",
        "28 ก.พ. 65",
        "28 ก.พ.65",
        "28 กพ 65",
        "28ก.พ.2565",
        "28 ก. พ. 2565",
        "28-ก.พ.-65",
        "28 กุมภาพันธ์ 2565",
        "วันที่ 28 กุมภาพันธ์ พ.ศ. 2565",
        "วันจันทร์ที่ 28 กุมภาพันธ์ พ.ศ.2565",
        "28 กุมภาพันธ์ พ.ศ 2565",
        "28 ก.พ. พ.ศ. 65",
        "ข้อมูล ณ วันที่ 28 ก.พ. 65",
        "๒๘ ก.พ. ๒๕๖๕",
        "２８／０２／２５６５",
        "28\u00a0ก.\u2060พ.\u00a02565",
        "\u200b28/02/2565\ufeff",
        "28/02/2022",
        "2022-02-28",
        "28-Feb-2022",
        "28 Feb 2565 BE",
        "28 February 2022 CE",
        "44620",
        44620,
        44620.0,
        FEB28,
        NAIVE("2022-02-28"),
    ],
)
def test_every_spelling_of_one_day_is_read_as_that_day(written):
    parsed = parse_thai_date(written, today=TODAY)
    assert (parsed.date, parsed.year_only, parsed.notice_code, parsed.time) == (FEB28, False, None, None)
    assert parsed.moment == bangkok_midnight(FEB28)


@pytest.mark.parametrize("written", ["15/5/2555", "๑๕ พ.ค. ๒๕๕๕", "15 พฤษภาคม 2555", "15/05/2012"])
def test_birth_dates_of_bad_inputs_x40_and_x45_are_accepted(written):
    assert parse_thai_date(written, today=TODAY).date == date(2012, 5, 15)


@pytest.mark.parametrize("written", ["2565-02-28", date(2565, 2, 28), NAIVE("2565-02-28")])
def test_a_be_year_in_a_ce_place_is_read_as_be_with_a_notice(written):
    parsed = parse_thai_date(written, today=TODAY)
    assert (parsed.date, parsed.notice_code) == (FEB28, "V03")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("28 ก.พ. 65 เวลา 13.30 น.", HALF_PAST_ONE),
        ("28 ก.พ. 2565 13.30 น.", HALF_PAST_ONE),
        ("28/02/2565 13:30", HALF_PAST_ONE),
        ("2022-02-28T13:30", HALF_PAST_ONE),
        ("2022-02-28T06:30:00Z", HALF_PAST_ONE),
        ("2022-02-28 13:30:00+07:00", HALF_PAST_ONE),
        ("2022-02-27T23:30:00-07:00", HALF_PAST_ONE),
        ("2022-02-28T18:05:00Z", datetime(2022, 3, 1, 1, 5, tzinfo=BANGKOK)),
        (NAIVE("2022-02-28T13:30"), HALF_PAST_ONE),
        (datetime(2022, 2, 28, 6, 30, tzinfo=UTC), HALF_PAST_ONE),
        (NAIVE("2565-02-28T13:30"), HALF_PAST_ONE),
        (44620.5625, HALF_PAST_ONE),
    ],
)
def test_a_time_of_day_is_kept(written, moment):
    parsed = parse_thai_date(written, today=TODAY)
    assert parsed.moment == moment
    assert parsed.time == moment.time()


@pytest.mark.parametrize(
    "written", ["2555", "พ.ศ. 2555", "ปี 2555", "๒๕๕๕", 2555, 2555.0, 2012, "ค.ศ. 2012", "00/00/2555"]
)
def test_a_year_alone_is_its_first_of_january_and_says_so(written):
    parsed = parse_thai_date(written, today=TODAY)
    assert (parsed.date, parsed.year_only) == (date(2012, 1, 1), True)


@pytest.mark.parametrize(
    "unclear",
    [
        "15/05/55",
        "15-5-55",
        "28 Feb 65",
        "55",
        date(1955, 5, 15),
        "15/05/1955",
        "1955-05-15",
        20224,
        "28 ก.พ. 22",
        "1 ม.ค. 99",
    ],
)
def test_a_year_that_may_be_either_era_is_refused_as_x42(unclear):
    assert refusal(unclear).code == "X42"


def test_the_year_excel_guessed_is_shown_and_the_be_year_is_taken():
    assert "1955/55" in refusal(date(1955, 5, 15)).message_th
    assert parse_thai_date("15/05/2498", today=TODAY).date == date(1955, 5, 15)


@pytest.mark.parametrize(
    "impossible",
    [
        "05/15/2012", "31/02/2555", "2555-13-01", "32 ม.ค. 2555", "วันเกิด", "28 2.65", "28/02/256", "28/02/2565 25:00",
        "2022-02-28T13:30+99:00", "28 ก.ก. 2565", "28/02/2565" + " " * 100, "", "-", True, None, float("nan"), [2565],
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_as_x43(impossible):
    assert refusal(impossible).code == "X43"


def test_29_february_is_judged_by_the_ce_year():
    assert parse_thai_date("29/02/2555", today=TODAY).date == date(2012, 2, 29)
    assert parse_thai_date("2567-02-29", today=TODAY).date == date(2024, 2, 29)
    assert refusal("29/02/2556").code == "X44"
    assert refusal("29 ก.พ. 2556").message_th == "29 ก.พ. 2556 ไม่มีจริง"
    # a sheet can hold 29 Feb 2552, which as CE is a leap year; BE 2552 is not
    assert refusal(date(2552, 2, 29)).code == "X44"


@pytest.mark.parametrize(
    "far",
    [
        0, 60, -1, 0.5, 59, 61, 9_999_999, 10**60, pytest.param(10**400, id="googol"), float("inf"), "1026", 1026,
        "01/01/1026", "9999-12-31", "0000-00-00", date(1479, 2, 28), datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    ],
)  # fmt: skip
def test_out_of_range_is_refused_as_x46(far):
    assert refusal(far).code == "X46"


def test_serials_of_the_1904_calendar_are_four_years_and_a_day_later():
    assert parse_thai_date(44620 - 1462, on_1904=True, today=TODAY).date == FEB28
    refused = refusal(0, on_1904=True)
    assert (refused.code, refused.message_th) == ("X46", "วันที่อยู่นอกช่วง (ไฟล์ใช้ปฏิทิน 1904)")


@given(DAYS, st.sampled_from(["long", "full", "numeric"]), st.sampled_from(["th", "en"]), st.booleans())
def test_every_date_reads_back_from_every_form(day, form, lang, plain):
    assert parse_thai_date(thai_date(day, form, lang=lang, plain=plain), today=TODAY).date == day


@given(st.dates(date(1985, 1, 1), date(2027, 12, 31)), st.booleans())
def test_the_short_form_reads_back_or_is_called_unclear(day, plain):
    shown = thai_date(day, "short", plain=plain)
    if be_year(day) % 100 <= TODAY.year % 100:
        assert refusal(shown).code == "X42"
    else:
        assert parse_thai_date(shown, today=TODAY).date == day


@given(SEEN_DAYS, st.times().map(lambda t: t.replace(microsecond=0)))
def test_excel_serials_and_iso_text_agree(day, at):
    serial = (day - date(1899, 12, 30)).days + (at.hour * 3600 + at.minute * 60 + at.second) / 86_400
    from_serial = parse_thai_date(serial, today=TODAY)
    assert from_serial == parse_thai_date(f"{day}T{at}", today=TODAY)
    assert from_serial.time == (None if at == time() else at)


@given(DAYS.filter(lambda d: d.year not in range(1930, 1973)))
def test_be_dates_in_iso_form_are_the_same_day(day):
    assert parse_thai_date(f"{day.year + 543}-{day:%m-%d}", today=TODAY).date == day


@given(
    st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.text(alphabet="0123456789/-. :Tกพมศ", max_size=24))
)
def test_any_input_gives_a_date_in_range_or_a_bilingual_refusal(value):
    try:
        parsed = parse_thai_date(value, today=TODAY)
    except BadDate as refused:
        assert refused.code in {"X42", "X43", "X44", "X46"}
    else:
        assert date(1899, 12, 31) <= parsed.date <= date(2101, 1, 2)


# ── periods ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_week_9_of_2565_runs_from_monday_to_the_next_monday_in_bangkok():
    week = Period.parse("2565-W09")
    assert str(week) == "2565-W09"
    assert (week.start, week.cutoff) == (bangkok_midnight(date(2022, 2, 28)), bangkok_midnight(date(2022, 3, 7)))
    assert week.label_th == "สัปดาห์ที่ 9/2565 (28 ก.พ. 2565 – 6 มี.ค. 2565)"
    assert week.label_en == "Week 9/2565 (28 Feb 2565 BE – 6 Mar 2565 BE)"


def test_february_2565_ends_on_the_first_of_march():
    month = Period.parse("๒๕๖๕-๐๒")
    assert str(month) == "2565-02"
    assert (month.start, month.cutoff) == (bangkok_midnight(date(2022, 2, 1)), bangkok_midnight(date(2022, 3, 1)))
    assert (month.label_th, month.label_en) == ("กุมภาพันธ์ 2565", "February 2565 BE")


def test_the_first_days_of_january_belong_to_the_iso_week_year():
    assert str(Period.containing(date(2022, 1, 2), WEEKLY)) == "2564-W52"
    assert str(Period.containing(date(2021, 1, 3), WEEKLY)) == "2563-W53"
    assert str(Period.parse("2563-W53").next()) == "2564-W01"
    assert str(Period.parse("2565-01").previous()) == "2564-12"


@pytest.mark.parametrize(
    "nonsense",
    [
        "2565-13",
        "2565-00",
        "2565-W54",
        "2565-W00",
        "2565-W53",
        "2022-02",
        "2022-W09",
        "2565",
        "2565-2",
        "2565-02\nx",
        "",
    ],
)
def test_a_period_that_does_not_exist_is_refused_with_the_right_form(nonsense):
    with pytest.raises(BadPeriod) as caught:
        Period.parse(nonsense)
    assert "2565-W09" in caught.value.message_th
    assert "2565-02" in caught.value.message_en


def test_a_kind_of_period_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="yearly"):
        Period.containing(FEB28, "yearly")


@given(MOMENTS, st.sampled_from([WEEKLY, MONTHLY]))
def test_each_moment_lies_in_exactly_one_period_of_a_kind(moment, kind):
    period = Period.containing(moment, kind)
    assert period.start <= moment < period.cutoff
    assert period.previous().cutoff == period.start
    assert period.next().start == period.cutoff
    assert period.previous() < period < period.next()
    assert period.next().previous() == period
    assert Period.parse(str(period)) == period
