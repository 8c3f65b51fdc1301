"""The one field in which people write a date: Thai, พ.ศ., as text. Browsers' own date fields show CE years."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.language import spoken
from schools.thaitime import BadDate, parse_thai_date, thai_date


class ThaiDateField(forms.CharField):
    """A date as people write it (พ.ศ.), given back as a `date`; shown as 28/02/2565."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def not_after(self, last: date, words: str) -> None:
        """Let the page say `words` of a later day before it is sent; the domain judges all the same."""
        self.widget.attrs |= {"data-last": last.isoformat(), "data-too-late": words}

    def prepare_value(self, value):
        return thai_date(value, "numeric", plain=True) if hasattr(value, "year") else value

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            parsed = parse_thai_date(text)
        except BadDate as bad:
            raise forms.ValidationError(spoken(bad), code=bad.code) from bad
        if parsed is None or parsed.year_only:
            raise forms.ValidationError(_("ใส่วัน เดือน และปี พ.ศ. เช่น 28/02/2565"), code="X43")
        return parsed.date
