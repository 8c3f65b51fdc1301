"""What JSON the API reads: UTF-8, at most 1 MB, at most ten levels deep, no NaN, no characters a database refuses."""

import orjson
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

MOST_BYTES = 1_048_576
MOST_LEVELS = 10


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = "Body over 1 MB."


class StrictJSONParser(BaseParser):
    """Bad JSON, bad characters (A08) and too deep nesting are 400, a body over 1 MB is 413 (AP-02)."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream, media_type=None, parser_context=None):
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise BodyTooLarge
        try:
            value = orjson.loads(body)  # refuses NaN, bytes that are not UTF-8 and lone surrogates
        except orjson.JSONDecodeError as error:
            raise ParseError(_("อ่าน JSON ไม่ได้ หรือมีตัวอักษรไม่ถูกต้อง"), code="invalid_json") from error
        _inspect(value, 1)
        return value


def _inspect(value, level: int) -> None:
    """Raises ParseError when `value` is nested too deep or holds a NUL."""
    if level > MOST_LEVELS:
        raise ParseError(_("JSON ซ้อนกันเกิน 10 ชั้น"), code="too_deep")
    if isinstance(value, str):
        if "\0" in value:
            raise ParseError(_("ตัวอักษรไม่ถูกต้อง"), code="invalid_characters")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _inspect(name, level)
            _inspect(inner, level + 1)
    elif isinstance(value, list):
        for inner in value:
            _inspect(inner, level + 1)
