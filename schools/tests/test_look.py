"""Template tags, and what holds for every template there is: no inline code, every icon drawn, every page renders."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template, render_to_string
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = set(re.findall(r'<symbol id="i-([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
FORBIDDEN = re.compile(
    r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|href\s*=\s*["']javascript:|<script(?![^>]*\ssrc=)""", re.IGNORECASE
)


def render(source, **context):
    return Template("{% load look %}" + source).render(Context(context))


class VisitForm(forms.Form):
    phone = forms.CharField(label="โทรศัพท์", help_text="10 หลัก", required=False)
    day = forms.CharField(label="วันที่เยี่ยม")
    cause = forms.ChoiceField(
        label="สาเหตุ", widget=forms.RadioSelect, choices=[("a", "ย้ายถิ่น"), ("b", "ยากจน"), ("c", "เจ็บป่วย")]
    )
    agree = forms.BooleanField(label="ยืนยัน", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cause"].choice_hints = {"a": "ไปกับครอบครัว"}
        self.fields["cause"].choice_icons = {"a": "route"}
        self.fields["cause"].folded_after = 2


# ── every template file ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_holds_no_inline_style_handler_or_script(path):
    assert not FORBIDDEN.search(path.read_text())


@pytest.mark.parametrize(
    "bad", ['<p style="x">', "<a onclick='x()'>", "<script>x()</script>", "<style>", '<a href="javascript:x">']
)
def test_the_search_for_inline_code_finds_it(bad):
    assert FORBIDDEN.search(bad)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_a_template_names_is_drawn_in_the_sprite(path):
    text = path.read_text()
    named = re.findall(r'{%\s*icon\s+"([\w-]+)"', text)
    named += re.findall(r'{%\s*chip\s+"\w*"\s+"([\w-]+)"', text)
    named += re.findall(r'icon_name="([\w-]+)"', text)
    assert set(named) <= SPRITE


def test_every_icon_the_tags_choose_is_drawn_in_the_sprite():
    from schools.templatetags import look

    assert set(look.NOTICE_ICONS.values()) | {"check", "bag"} <= SPRITE


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_can_be_read(path):
    get_template(str(path.relative_to(ROOT / "templates")))


def test_stylesheet_stays_short_enough_to_read():
    assert len((ROOT / "static/css/app.css").read_text().splitlines()) <= 750


# ── pieces ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_icon_is_hidden_and_points_into_the_sprite():
    assert render('{% icon "home" %}') == (
        '<svg class="i" aria-hidden="true"><use href="/static/icons.svg#i-home"/></svg>'
    )


def test_chip_carries_colour_icon_and_word_and_escapes_the_word():
    html = render('{% chip "bad" "alert" word %}', word="<b>เกินกำหนด</b>")
    assert 'class="chip chip-bad"' in html
    assert "#i-alert" in html
    assert "&lt;b&gt;เกินกำหนด" in html


def test_chip_refuses_a_colour_without_an_icon_and_an_unknown_colour():
    with pytest.raises(TemplateSyntaxError, match="needs its icon"):
        render('{% chip "due" "" "เหลือ 3 วัน" %}')
    with pytest.raises(TemplateSyntaxError, match="not one of"):
        render('{% chip "pink" "alert" "x" %}')


def test_tile_is_a_link_only_where_there_is_something_behind_it():
    assert '<a href="/x/" class="tile tile-bad">' in render('{% tile "เกินกำหนด" 1126 url="/x/" kind="bad" %}')
    plain = render('{% tile "พบตัวแล้ว" "67.22" unit="%" note="1,468 จาก 2,184" %}')
    assert "<a " not in plain
    assert "1,468 จาก 2,184" in plain
    assert "1,126" in render('{% tile "ก" 1126 %}')


def test_numbers_read_the_same_in_both_languages():
    for language in ("th", "en"):
        with translation.override(language):
            assert render("{{ 110755|intcomma }} {{ n|signed }}", n=-3) == "110,755 −3"


def test_dates_read_in_buddhist_years_on_bangkoks_clock():
    late = datetime(2022, 2, 27, 18, 30, tzinfo=UTC)  # already the 28th in Bangkok
    with translation.override("th"):
        html = render("{% thaidate at %}", at=late)
        assert 'datetime="2022-02-27T18:30:00+00:00"' in html
        assert "28" in html and "65" in html and "01.30" in html
        assert "2565" in render('{{ day|thai_date:"long" }}', day=date(2022, 2, 28))
    with translation.override("en"):
        assert "Feb" in render('{{ day|thai_date:"long" }}', day=date(2022, 2, 28))
    assert render("{% thaidate nothing %}{{ nothing|thai_date }}{{ nothing|thai_datetime }}", nothing=None) == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("น.ส.ดวงพร แสงจันทร์", "ดว"), ("นายเอกชัย ใจดี", "อก"), ("Charlie", "Ch"), ("", "?")],
)
def test_initials_pass_over_titles_and_leading_vowels(name, letters):
    assert render("{{ name|initials }}", name=name) == letters


# ── forms ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_field_ties_label_help_and_error_to_its_control():
    form = VisitForm({"phone": "1"})
    html = render("{% field form.day %}", form=form)
    assert '<label for="id_day">' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_day_error"' in html
    assert '<div id="id_day_error">' in html
    helped = render("{% field form.phone %}", form=form)
    assert 'aria-describedby="id_phone_helptext"' in helped
    assert 'id="id_phone_helptext"' in helped
    assert "(ถ้ามี)" in helped
    assert "(ถ้ามี)" not in html


def test_choices_become_cards_with_hints_and_the_rare_ones_fold():
    html = render("{% field form.cause %}", form=VisitForm())
    opened, folded = html.split("<details")
    assert opened.count('class="choice') - opened.count('class="choices') == 2
    assert "ไปกับครอบครัว" in opened
    assert "#i-route" in opened
    assert "เจ็บป่วย" in folded
    assert not folded.startswith(' class="more" open')


def test_fold_stands_open_when_the_answer_lies_in_it():
    html = render("{% field form.cause %}", form=VisitForm({"day": "x", "cause": "c"}))
    assert '<details class="more" open>' in html
    assert re.search(r'value="c"[^>]*checked', html)


def test_error_summary_lists_each_error_once_with_a_link_to_a_place_that_exists():
    form = VisitForm({})
    html = render("{% error_summary form %}{% for f in form %}{% field f %}{% endfor %}", form=form)
    targets = re.findall(r'<a href="#([^"]+)">', html)
    assert targets == ["id_day", "id_cause"]
    for target in targets:
        assert f'id="{target}"' in html
    assert 'role="alert" tabindex="-1" data-focus' in html


def test_error_summary_is_absent_when_nothing_is_wrong():
    assert render("{% error_summary form %}", form=VisitForm()).strip() == ""
    assert render("{% error_summary form %}", form=VisitForm({"day": "x", "cause": "a"})).strip() == ""


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_base_page_speaks_its_language_and_marks_where_one_is():
    nav = [
        {"url": "/a/", "label": "งานของฉัน", "icon": "home", "current": True, "count_due": 1203, "narrow": True},
        {"url": "/b/", "label": "บันทึกการเข้าถึง", "icon": "eye"},
    ]
    with translation.override("en"):
        html = render_to_string("base.html", {"nav": nav, "unit_name": "<โรงเรียน>", "account_name": "นายเอก ใจดี"})
    assert '<html lang="en">' in html
    assert "&lt;โรงเรียน&gt;" in html
    assert html.count('aria-current="page"') == 1
    assert "1,203" in html
    assert 'class="nav-more"' in html


def test_passing_messages_are_announced_and_success_is_not_green():
    html = render_to_string("components/messages.html", {"messages": [Message(constants.SUCCESS, "บันทึกแล้ว")]})
    assert 'role="status"' in html
    assert "notice-ok" not in html
    assert "บันทึกแล้ว" in html


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_need_no_context_and_speak_both_languages(name):
    html = get_template(name).render()
    assert '<html lang="th">' in html
    assert 'lang="en"' in html
    assert "/static/css/app.css" in html


@pytest.mark.parametrize(("language", "title"), [("th", "ไม่พบหน้านี้ · "), ("en", "Page not found · ")])
def test_the_title_of_an_error_page_is_in_the_readers_language(client, language, title):
    page = client.get("/nowhere/", headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}">' in page
    assert f"<title>{title}" in page


def test_not_found_page_is_the_same_whatever_the_cause():
    plain = get_template("404.html").render()
    assert get_template("404.html").render({"exception": "Case 7Q2K-M4", "request_path": "/cases/7Q2K-M4/"}) == plain


JOB = {"title": "นำเข้า", "poll_url": "/jobs/1/", "cancel_url": "/jobs/1/cancel/"}


@pytest.mark.parametrize(
    ("state", "polls"), [("waiting", True), ("running", True), ("done", False), ("failed", False), ("cancelled", False)]
)
def test_job_asks_again_only_while_it_moves(state, polls):
    html = render_to_string("components/job.html", {"job": JOB | {"state": state, "done": 1, "total": 2}})
    assert ("data-poll" in html) is polls
    assert ("/cancel/" in html) is polls


def test_job_progress_is_machine_readable_past_a_thousand_rows():
    job = JOB | {"state": "running", "done": 61300, "total": 110755, "seconds_left": 100}
    html = render_to_string("components/job.html", {"job": job})
    assert 'max="110755" value="61300"' in html
    assert "61,300 จาก 110,755 แถว" in html
    assert "เหลือประมาณ 2 นาที" in html


def test_failed_job_says_why_and_how_to_mend_it():
    job = JOB | {"state": "failed", "error": "ไฟล์มีรหัสผ่าน", "error_help": "ปลดรหัส", "retry_url": "/r/"}
    html = render_to_string("components/job.html", {"job": job})
    assert "ไฟล์มีรหัสผ่าน" in html and "ปลดรหัส" in html and 'action="/r/"' in html
