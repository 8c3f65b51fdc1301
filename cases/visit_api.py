"""A visit as programs send and read it: the shape of cases.visits.VisitContent, judged there and not here."""

import math
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import photos
from cases.codes import Finding, Need, VisitMode, Whereabouts
from cases.confidential import Told, tells_outcome, told_needs
from cases.listing import OUTCOMES, WISHES, slug
from cases.models import Visit
from cases.visits import MAX_TEXT, VisitContent
from schools.answers import Refused
from schools.serializers import OneOfField, StrictSerializer
from schools.units import UnknownUnit, parse_unit

FINDINGS = {int(finding): slug(finding) for finding in Finding}
OLDEST = 1900


class CodeField(OneOfField):
    """A code of cases.codes by its slug; inside it is the number that is stored."""

    def __init__(self, slugs: dict[int, str], **kwargs):
        self.codes = {text: code for code, text in slugs.items()}
        super().__init__(choices=[(text, text) for text in self.codes], **kwargs)

    def to_internal_value(self, data) -> int:
        return self.codes[super().to_internal_value(data)]


def _moment(text: str) -> date | datetime | None:
    """A day, or a moment with its time zone; None for anything else. Raises ValueError for a day that is none."""
    if day := parse_date(text):
        return day
    moment = parse_datetime(text)
    return moment if moment is not None and moment.tzinfo is not None else None


@extend_schema_field({"type": "string", "description": "2022-02-28, or 2022-02-28T13:30:00+07:00 with its time zone"})
class DayOrMomentField(serializers.Field):
    """When it was done: a Bangkok day, or an aware moment (A17)."""

    default_error_messages = {"invalid": _("วันที่ไม่ถูกต้อง (ต้องมีเขตเวลา)")}

    def to_internal_value(self, data) -> date | datetime:
        try:
            found = _moment(data) if isinstance(data, str) and data.isascii() else None
        except ValueError:
            found = None
        if found is None or not OLDEST <= found.year < 9999:
            self.fail("invalid")
        return found

    def to_representation(self, value) -> str:
        return value.isoformat()


class MomentField(DayOrMomentField):
    """An aware moment; a bare day is not enough."""

    def to_internal_value(self, data) -> datetime:
        found = super().to_internal_value(data)
        if not isinstance(found, datetime):
            self.fail("invalid")
        return found


class DegreesField(serializers.FloatField):
    """Degrees within ±limit; `nan`, which no comparison catches, is refused."""

    default_error_messages = {"not_a_number": _("พิกัดไม่ถูกต้อง")}

    def __init__(self, limit: float, **kwargs):
        super().__init__(min_value=-limit, max_value=limit, **kwargs)

    def to_internal_value(self, data) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("not_a_number")
        return value


class ProvinceField(serializers.CharField):
    """A province written as units are: province:46. Gives its key."""

    default_error_messages = {"no_province": _("เขียนจังหวัดเช่น province:46")}

    def to_internal_value(self, data) -> int:
        try:
            unit = parse_unit(super().to_internal_value(data))
        except UnknownUnit:
            unit = None
        if unit is None or unit.kind != "province":
            self.fail("no_province")
        return unit.pk


class PhotosField(serializers.ListField):
    """Pictures of a multipart body, each re-encoded on its way in."""

    child = serializers.FileField(max_length=255)

    def to_internal_value(self, data) -> list[photos.Picture]:
        files = super().to_internal_value(data)
        try:
            return [photos.take_in(file, file.name) for file in files]
        except photos.BadPhoto as bad:
            raise Refused(self.field_name, bad.code, bad.message_th, bad.message_en) from bad


class NewVisitSerializer(StrictSerializer):
    """What a client sends. `uuid` is declared, not taken from a model: a replay is no error (STACK trap 3)."""

    uuid = serializers.UUIDField(help_text="made by the client, once a visit: a resend is harmless")
    finding = CodeField(FINDINGS)
    mode = serializers.ChoiceField(choices=VisitMode.choices, default=VisitMode.HOME)
    done = DayOrMomentField(required=False, allow_null=True, default=None, help_text="when; now if left out")
    whereabouts = serializers.ChoiceField(choices=Whereabouts.choices, allow_blank=True, default="")
    whereabouts_province = ProvinceField(required=False, allow_null=True, default=None, help_text="province:46")
    outcome = CodeField(
        {code: text for code, text in OUTCOMES.items() if code}, required=False, allow_null=True, default=None
    )
    wish = CodeField(
        {code: text for code, text in WISHES.items() if code}, required=False, allow_null=True, default=None
    )
    studying_at = serializers.CharField(max_length=200, allow_blank=True, default="")
    met = serializers.CharField(max_length=200, allow_blank=True, default="")
    situation = serializers.CharField(max_length=MAX_TEXT, allow_blank=True, default="")
    needs = serializers.ListField(
        child=serializers.ChoiceField(choices=Need.choices), default=list, max_length=len(Need)
    )
    next_step = serializers.CharField(max_length=300, allow_blank=True, default="")
    next_on = serializers.DateField(required=False, allow_null=True, default=None)
    unsafe = serializers.BooleanField(default=False)
    lat = DegreesField(90, required=False, allow_null=True, default=None)
    lon = DegreesField(180, required=False, allow_null=True, default=None)
    device_at = MomentField(required=False, allow_null=True, default=None, help_text="the device's clock")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["lat"] is None) != (attrs["lon"] is None):
            raise serializers.ValidationError({"lat": [_("พิกัดต้องมีทั้งละติจูดและลองจิจูด")]})
        if attrs["whereabouts"] == Whereabouts.OTHER_PROVINCE and attrs["whereabouts_province"] is None:
            raise serializers.ValidationError({"whereabouts_province": [_("เลือกจังหวัดที่เด็กอยู่")]})
        return attrs

    def content(self) -> VisitContent:
        """What a valid body says, for cases.visits.record_visit."""
        said = {name: value for name, value in self.validated_data.items() if name not in ("uuid", "photos")}
        said["whereabouts_province_id"] = said.pop("whereabouts_province")
        said["needs"] = tuple(sorted(set(said["needs"])))
        return VisitContent(**said)


class NewVisitWithPhotosSerializer(NewVisitSerializer):
    """The same as multipart/form-data, with up to ten pictures."""

    photos = PhotosField(required=False, default=list, max_length=photos.MAX_PER_VISIT)


class PhotoSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.CharField()


class VisitSerializer(serializers.Serializer):
    """A visit as it is kept. What was written in free text is null for those who may not see names or, of an unsafe
    child, do not act."""

    id = serializers.IntegerField(help_text="the record, to ask for its correction")
    corrected = serializers.BooleanField(help_text="another record stands in its place")
    uuid = serializers.UUIDField()
    at = serializers.DateTimeField(help_text="when it was so")
    known_at = serializers.DateTimeField(help_text="when the system received it")
    by = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    finding = serializers.ChoiceField(choices=[(text, text) for text in FINDINGS.values()])
    mode = serializers.ChoiceField(choices=VisitMode.choices)
    whereabouts = serializers.ChoiceField(choices=Whereabouts.choices, allow_blank=True)
    whereabouts_province = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(
        choices=[(text, text) for text in OUTCOMES.values()],
        allow_null=True,
        help_text="null where it is of health and the reader does not act",
    )
    wish = serializers.ChoiceField(choices=[(text, text) for text in WISHES.values()])
    needs = serializers.ListField(child=serializers.ChoiceField(choices=Need.choices))
    unsafe = serializers.BooleanField()
    next_on = serializers.DateField(allow_null=True)
    studying_at = serializers.CharField(allow_null=True)
    met = serializers.CharField(allow_null=True)
    situation = serializers.CharField(allow_null=True)
    next_step = serializers.CharField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    lon = serializers.FloatField(allow_null=True)
    photos = PhotoSerializer(many=True)


def visit_row(visit: Visit, photo_url, seen: Told, *, unsafe: bool) -> dict[str, Any]:
    """A visit as VisitSerializer describes it; `photo_url(photo)` says where a picture is."""
    fact = visit.fact
    province = visit.whereabouts_province_id
    hidden = unsafe and not seen.address
    shown = not fact.outcome or tells_outcome(fact.outcome, seen.sensitive)

    def private(value):
        return value if seen.address else None

    return {
        "id": visit.pk,
        "corrected": bool(fact.corrected_by.all()),
        "uuid": visit.uuid,
        "at": fact.at,
        "known_at": fact.known_at,
        "by": (fact.by.get_full_name() if fact.by else "") if seen.names else None,
        "unit": fact.unit,
        "finding": FINDINGS[fact.finding or 0],
        "mode": visit.mode,
        "whereabouts": "" if hidden else visit.whereabouts,
        "whereabouts_province": f"province:{province}" if province and not hidden else None,
        "outcome": OUTCOMES[fact.outcome or 0] if shown else None,
        "wish": WISHES[fact.wish or 0],
        "needs": told_needs(visit.needs, seen.sensitive),
        "unsafe": visit.unsafe,
        "next_on": visit.next_on,
        "studying_at": private(visit.studying_at),
        "met": private(visit.met),
        "situation": private(visit.situation),
        "next_step": private(visit.next_step),
        "lat": private(visit.lat),
        "lon": private(visit.lon),
        "photos": [
            {"id": photo.pk, "width": photo.width, "height": photo.height, "url": photo_url(photo)}
            for photo in visit.photos.all()
        ]
        if seen.address
        else [],
    }
