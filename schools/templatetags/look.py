"""The template tags of the look: icons, chips, tiles, form fields, dates and numbers as a reader sees them.

Owns markup only. How a date reads is `schools.thaitime`'s, how a number reads is `schools.numerals`'s.
"""

from datetime import datetime

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, ClearableFileInput, RadioSelect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from schools import numerals, thaitime
from schools.language import reader_language

register = template.Library()

CHIP_KINDS = {"", "due", "bad", "ok", "brand"}
TILE_KINDS = {"", "due", "bad", "ok"}
NOTICE_ICONS = {"": "info", "due": "clock", "bad": "alert", "ok": "checks"}
NAME_TITLES = ("นางสาว", "น.ส.", "นาง", "นาย", "ด.ช.", "ด.ญ.", "เด็กชาย", "เด็กหญิง", "ว่าที่ร้อยตรี", "ดร.")
LEVELS = {"debug": "", "info": "", "success": "", "warning": "due", "error": "bad"}


# ── pieces ────────────────────────────────────────────────────────────────────────────────────────────────────
@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One icon of `static/icons.svg`, hidden from screen readers: a word always stands beside it."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def chip(kind: str, icon_name: str, text: str) -> SafeString:
    """A status: colour, icon and word together. `kind` is "", due, bad, ok or brand; a plain one may lack the icon."""
    if kind not in CHIP_KINDS:
        raise template.TemplateSyntaxError(f"chip kind {kind!r} is not one of {sorted(CHIP_KINDS)}")
    if kind and not icon_name:
        raise template.TemplateSyntaxError("a coloured chip needs its icon: status is never colour alone")
    return format_html(
        '<span class="chip{}">{}{}</span>', f" chip-{kind}" if kind else "", icon(icon_name) if icon_name else "", text
    )


@register.inclusion_tag("components/tile.html")
def tile(label, figure, *, url="", note="", kind="", icon_name="", unit=""):
    """A figure that is a link. `figure` is a whole number or ready text; `note` names the base under a percentage."""
    if kind not in TILE_KINDS:
        raise template.TemplateSyntaxError(f"tile kind {kind!r} is not one of {sorted(TILE_KINDS)}")
    shown = numerals.grouped(figure) if isinstance(figure, int) else figure
    return {
        "label": label,
        "figure": shown,
        "url": url,
        "note": note,
        "kind": kind,
        "icon_name": icon_name,
        "unit": unit,
    }


@register.inclusion_tag("components/empty.html")
def empty(title, text="", *, icon_name="bag", url="", action=""):
    """An empty list: what would be here, how it gets here, where to go now."""
    return {"title": title, "text": text, "icon_name": icon_name, "url": url, "action": action}


@register.inclusion_tag("components/notice.html")
def notice(kind, title, text="", *, url="", action="", role="", icon_name=""):
    """A message that stays until it is dealt with. `kind` is "", due, bad or ok."""
    return {
        "kind": kind,
        "title": title,
        "text": text,
        "url": url,
        "action": action,
        "role": role,
        "icon_name": icon_name or NOTICE_ICONS[kind],
    }


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, size=""):
    """A form field with its label, its help, its widget and, beside it, what is wrong.

    Cards for radio buttons and check boxes. A form may give `choice_hints` and `choice_icons` (value → text) on its
    field, `folded_after` (how many options stay open; the rest go under a fold) and `is_needed` (not optional where it
    is asked, though a browser need not insist); a text field may have `offered` what can be chosen instead. `size` is
    "", "lg", "sm" or "pair" (short ones, two a row).
    """
    widget = bound.field.widget
    described = {
        "field": bound,
        "size": size,
        "required": bound.field.required or getattr(bound.field, "is_needed", False),
        "error_id": f"{bound.auto_id}_error",
        "help_id": f"{bound.auto_id}_helptext",
    }
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return described | {"shape": "choices", **_choices(bound)}
    if isinstance(widget, CheckboxInput):
        return described | {"shape": "checkbox", "control": bound.as_widget()}
    shape = "file" if isinstance(widget, ClearableFileInput) else "box"
    return described | {"shape": shape, "control": bound.as_widget(attrs={"class": "in"}), "cards": _offered(bound)}


def _offered(bound: BoundField) -> list[dict]:
    """Cards to choose from instead of writing again: a field's `offered`, (value, label, hint) each."""
    return [
        {
            "tag": format_html('<input type="radio" name="{}" value="{}">', bound.html_name, value),
            "label": label,
            "hint": hint,
        }
        for value, label, hint in getattr(bound.field, "offered", ())
    ]


def _choices(bound: BoundField) -> dict:
    """The cards of a choice field, split where the form wants the rarer ones folded away."""
    hints = getattr(bound.field, "choice_hints", {})
    icons = getattr(bound.field, "choice_icons", {})
    cards = [
        {
            "tag": option.tag(),
            "label": option.choice_label,
            "hint": hints.get(option.data["value"], ""),
            "icon": icons.get(option.data["value"], ""),
            "chosen": option.data["selected"],
        }
        for option in bound.subwidgets
        if option.data["value"] not in ("", None)
    ]
    at = getattr(bound.field, "folded_after", None) or len(cards)
    return {"cards": cards[:at], "folded": cards[at:], "unfold": any(card["chosen"] for card in cards[at:])}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form, *, saves=True):
    """What is wrong with a bound form, each line a link to its field; takes the focus. Nothing when all is well.

    Of a form that only looks something up (not `saves`) it does not say that nothing was saved.
    """
    lines = []
    if form is not None and form.is_bound and form.errors:
        lines = [{"target": "", "label": "", "error": error} for error in form.non_field_errors()]
        lines += [
            {"target": _target(form[name]), "label": form[name].label, "error": error}
            for name, errors in form.errors.items()
            if name in form.fields
            for error in errors
        ]
    return {"lines": lines, "saves": saves}


def _target(bound: BoundField) -> str:
    """The id a link can jump to: the control itself, or the group when the control is many."""
    return bound.id_for_label or bound.auto_id


@register.filter
def message_kind(message) -> str:
    """The notice kind for one of Django's messages; green stays for "confirmed", so success is not green."""
    return LEVELS.get(message.level_tag, "")


@register.filter
def message_icon(message) -> str:
    """The icon that says the same as the colour of a passing message."""
    return "check" if message.level_tag == "success" else NOTICE_ICONS[message_kind(message)]


@register.filter
def initials(name: str) -> str:
    """Two letters of a person's name for the round badge: past the title, and a leading vowel is no initial in Thai."""
    bare = str(name).strip()
    title = next((title for title in NAME_TITLES if bare.startswith(title)), "")
    letters = [letter for letter in bare.removeprefix(title) if letter.isalpha() and letter not in "เแโใไฯๆ"]
    return "".join(letters[:2]) or "?"


# ── dates and numbers ─────────────────────────────────────────────────────────────────────────────────────────
@register.filter
def thai_date(value, form="short") -> str:
    """A date as read in Thailand (พ.ศ.); nothing for nothing. Its parts never break across lines."""
    return "" if value in (None, "") else thaitime.thai_date(value, form, lang=reader_language())


@register.filter
def thai_year(value) -> str:
    """The พ.ศ. year of a date of which only the year is known."""
    return "" if value in (None, "") else str(thaitime.be_year(value))


@register.filter
def thai_datetime(value, form="short") -> str:
    """A moment as read in Thailand, on Bangkok's clock; nothing for nothing."""
    return "" if value in (None, "") else thaitime.thai_datetime(value, form, lang=reader_language())


@register.simple_tag
def thaidate(value, form="short") -> SafeString | str:
    """A `<time>` element: text for the reader, ISO 8601 for machines. With its clock time where the value has one."""
    if value in (None, ""):
        return ""
    shown = thai_datetime(value, form) if isinstance(value, datetime) else thai_date(value, form)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@register.filter
def intcomma(value) -> str:
    """Whole numbers with commas, alike in both languages; a dash for what is not known."""
    return numerals.grouped(value)


@register.filter
def signed(value) -> str:
    """A change with its sign."""
    return numerals.signed(value)
