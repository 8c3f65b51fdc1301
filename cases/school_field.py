"""A school of ours in a form, by its code or by its name: who writes a name chooses from the schools that fit it."""

from django import forms
from django.db.models import Case as When
from django.db.models import IntegerField, QuerySet, Value
from django.db.models import When as Is
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.school_choice import SHOWN, matching, whereabouts
from schools.models import School
from schools.school_index import school_key
from schools.thaitext import arabic_digits


class SchoolField(forms.CharField):
    """A School, None when left empty. Programs write its code (`46990001` or `school:46990001`).

    A name that is the whole name of just one open school is that school. Any other is never guessed at, for the school
    is told of the child: those it fits come back in `offered` as (code, name, where), of the province `near` first,
    and the page shows them as choices of the same name; the one chosen is sent after the text and so wins.
    """

    def __init__(self, *, near: int | None = None, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        kwargs.setdefault("help_text", gettext_lazy("พิมพ์ชื่อหรือรหัส ถ้ามีหลายแห่ง ระบบจะให้เลือกก่อนบันทึก"))
        super().__init__(max_length=100, **kwargs)
        self.near = near
        self.offered: list[tuple[str, str, str]] = []

    def clean(self, value):
        words = super().clean(value).removeprefix("school:")
        if not words:
            return None
        digits = arabic_digits(words).replace(" ", "")
        if digits.isdecimal():
            return self._by_code(digits)
        return self._by_name(words)

    def _by_code(self, code: str) -> School:
        school = School.objects.filter(code=code).first()
        if school is None:
            raise forms.ValidationError(_("ไม่พบรหัสสถานศึกษานี้ ตรวจรหัส 8 หรือ 10 หลักอีกครั้ง"), code="X58")
        return school

    def _by_name(self, words: str) -> School:
        found = matching(School.objects.filter(closed_on__isnull=True), words)
        named = list(found.filter(search=school_key(words))[:2])
        if len(named) == 1:
            return named[0]
        total = found.count()
        if not total:
            raise forms.ValidationError(_("ไม่พบสถานศึกษาชื่อนี้ ลองพิมพ์เพียงบางส่วนของชื่อ หรือใช้รหัส"), code="X58")
        self.offered = [(one.code, one.name_th, whereabouts(one)) for one in self._nearest(found)[:SHOWN]]
        if total > SHOWN:
            said = _("พบ %(total)s แห่ง แสดง %(n)s แห่งแรก เลือกหนึ่งแห่ง หรือพิมพ์ชื่อให้ยาวขึ้น") % {"total": total, "n": SHOWN}
        else:
            said = ngettext("พบ %(n)s แห่ง เลือกเพื่อยืนยัน", "พบ %(n)s แห่ง เลือกหนึ่งแห่ง", total) % {"n": total}
        raise forms.ValidationError(said, code="X58")

    def _nearest(self, schools: QuerySet[School]) -> QuerySet[School]:
        here = When(Is(province=self.near, then=Value(0)), default=Value(1), output_field=IntegerField())
        return schools.select_related("tambon", "amphoe", "district").order_by(here, "sort_key", "pk")
