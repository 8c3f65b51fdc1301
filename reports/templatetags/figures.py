"""Names of figures in templates, in the reader's language; the words are reports.labels'."""

from django import template
from django.utils.translation import get_language

from reports.labels import CATEGORIES, LABELS, Label

register = template.Library()


def _spoken(label: Label) -> str:
    return label.en if (get_language() or "th").startswith("en") else label.th


@register.filter
def figure_name(key: str) -> str:
    """`outcome=relocated` → ย้ายถิ่นที่อยู่."""
    return _spoken(LABELS[key])


@register.filter
def category_name(slug: str) -> str:
    """`missed` → ตกหล่น."""
    return _spoken(CATEGORIES[slug])
