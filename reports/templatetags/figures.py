"""Names of figures in templates, in the reader's language; the words are reports.labels'."""

from django import template

from reports.labels import CATEGORIES, LABELS
from schools.language import th_or_en

register = template.Library()


@register.filter
def figure_name(key: str) -> str:
    """`outcome=relocated` → ย้ายถิ่นที่อยู่."""
    return th_or_en(*LABELS[key])


@register.filter
def category_name(slug: str) -> str:
    """`missed` → ตกหล่น."""
    return th_or_en(*CATEGORIES[slug])
