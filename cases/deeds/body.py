"""A form as a program writes it: the serializer made of its fields, and the form bound to what was sent.

The serializer knows names and types (an unknown field is refused, AP-03) and describes them to the OpenAPI document;
what may stand in them is judged by the form alone, the same that the page shows.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers

from schools.date_field import ThaiDateField
from schools.language import in_both
from schools.serializers import OneOfField, StrictSerializer


def body_of(name: str, fields: Mapping[str, forms.Field], *, files: bool = False, sometimes: Collection[str] = ()):
    """The serializer of a form's `fields`, called `name`; with `files` of the multipart body, which takes pictures.

    Of a form made for a case `fields` are what is asked of that case; those named in `sometimes` are not always asked.
    """
    taken = {key: field for key, field in fields.items() if files or not isinstance(field, forms.FileField)}
    written = {key: _written(field, must=field.required and key not in sometimes) for key, field in taken.items()}
    return type(name, (StrictSerializer,), written)


def takes_files(form: type[forms.Form]) -> bool:
    return any(isinstance(field, forms.FileField) for field in form.base_fields.values())


def valid_form(form: type[forms.Form], body: StrictSerializer, **about) -> forms.Form:
    """`form`, valid, of what was sent in `body`; `about` is what the form is made with. Raises ValidationError."""
    body.is_valid(raise_exception=True)
    filled = _bind(form, body.validated_data, **about)
    if not filled.is_valid():
        of_all = {NON_FIELD_ERRORS: "non_field_errors"}
        raise serializers.ValidationError({of_all.get(name, name): said for name, said in filled.errors.items()})
    return filled


def _bind(form: type[forms.Form], said: dict[str, Any], **about) -> forms.Form:
    data, files = MultiValueDict(), MultiValueDict()
    for key, value in said.items():
        where = files if isinstance(form.base_fields[key], forms.FileField) else data
        if value is not None:
            where.setlist(key, value if isinstance(value, list) else [value])
    return form(data, files, **about)


def _written(field: forms.Field, *, must: bool) -> serializers.Field:
    """The serializer field of one form field: its type, its choices, whether it must be there, and its words."""
    told = {"help_text": _words(field)} | {"required": must}
    empty = {} if field.required else {"allow_null": True}
    match field:
        case forms.FileField():
            return serializers.ListField(child=serializers.FileField(max_length=255), **told)
        case forms.BooleanField():
            return serializers.BooleanField(**told)
        case forms.IntegerField():
            return serializers.IntegerField(min_value=field.min_value, max_value=field.max_value, **told, **empty)
        case ThaiDateField():
            return serializers.DateField(**told, **empty)
        case forms.MultipleChoiceField():
            return serializers.ListField(child=_chosen(field), allow_empty=not field.required, **told)
        case forms.ChoiceField():
            return _chosen(field, allow_blank=not field.required, **told)
    return serializers.CharField(
        max_length=field.max_length, min_length=field.min_length, allow_blank=not field.required, **told
    )


def _chosen(field: forms.ChoiceField, **told) -> serializers.Field:
    """One of the form's choices; where they depend on the case, a text that the form judges."""
    choices = [] if isinstance(field, forms.ModelChoiceField) else [key for key, _label in field.choices if key != ""]
    return OneOfField(choices=choices, **told) if choices else serializers.CharField(**told)


def _words(field: forms.Field) -> str:
    """The label and the help of the page, in both languages."""
    th, en = in_both(lambda: " – ".join(str(words) for words in (field.label or "", field.help_text) if words))
    return th if th == en else f"{th} · {en}"
