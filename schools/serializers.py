"""The serializers every API resource stands on: allow-lists, where a field that may not be set is an error (AP-03)."""

from collections.abc import Mapping
from typing import Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request


def refuse_unknown_fields(serializer: serializers.Serializer, data) -> None:
    """Raises ValidationError naming each key of `data` that is no writable field of `serializer` (A03)."""
    if not isinstance(data, Mapping):
        return  # the serializer itself says what it wanted
    writable = {name for name, field in serializer.fields.items() if not field.read_only}
    wrong = [str(name)[:60] for name in data if name not in writable]
    if wrong:
        raise serializers.ValidationError(
            {name: [_("ช่อง “%(name)s” แก้ไขไม่ได้") % {"name": name}] for name in wrong}, code="unknown_field"
        )


class StrictSerializer(serializers.Serializer):
    """Unknown and read-only fields in the body are 400, not ignored."""

    def to_internal_value(self, data):
        refuse_unknown_fields(self, data)
        return super().to_internal_value(data)

    @classmethod
    def of(cls, request: Request) -> Self:
        """The body of `request`, valid. Raises ValidationError."""
        body = cls(data=request.data)
        body.is_valid(raise_exception=True)
        return body


class OneOfField(serializers.ChoiceField):
    """A choice that says, when it is none of them, which there are."""

    default_error_messages = {"invalid_choice": gettext_lazy("“{input}” ไม่มีในรายการ ใช้ได้: {known}")}

    def fail(self, key, **said):
        if "input" in said:
            said["input"] = str(said["input"])[:60]
        super().fail(key, known=", ".join(str(choice) for choice in self.choices), **said)
