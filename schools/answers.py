"""How the API asks and answers: strict parameters, keyset pages, fast JSON, a limit a person, every field written down.

What is said when something is refused is dropout.problems; here is only how a view refuses in two languages.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from math import ceil
from typing import Any

import orjson
from django.core.cache import caches
from django.db import models
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from schools.api_lists import LARGEST_PAGE
from schools.paging import PAGE, after, position
from schools.refusal import Refusal

LONGEST_CURSOR = 300
LARGEST_KEY = (1 << 53) - 1  # every reader of JSON keeps it whole


class Refused(Refusal):
    """What was asked cannot be so (400); `field` names the parameter, `code` a word for programs."""

    status = 400

    def __init__(self, field: str, code: str, message_th: str, message_en: str):
        self.field, self.code = field, code
        super().__init__(message_th, message_en)


class TooMany(Throttled):
    """429: says in both languages when to try again (A16); the header Retry-After says it to programs."""

    def __init__(self, wait: float | None):
        super().__init__(wait)
        seconds = ceil(wait or 1)
        self.message_th = f"ส่งคำขอถี่เกินไป ลองใหม่ใน {seconds} วินาที"
        self.message_en = f"Too many requests. Try again in {seconds} s."


class FastJSON(JSONRenderer):
    """JSON by orjson: dates and moments as ISO 8601, whole numbers as they are."""

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class StoredFile(BaseRenderer):
    """For the OpenAPI document and for clients that accept nothing but the file; the bytes come from a FileResponse."""

    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return FastJSON().render(data)  # a problem, told to whoever accepts only the file


class PictureFile(StoredFile):
    media_type, format = "image/jpeg", "jpg"


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class PersonRate(UserRateThrottle):
    """Requests of one person. Counted in the memory of each web process: asking the database would cost more."""

    cache = caches["limits"]


class Reading(PersonRate):
    scope = "reading"

    def allow_request(self, request, view) -> bool:
        return request.method not in ("GET", "HEAD", "OPTIONS") or super().allow_request(request, view)


class Submitting(PersonRate):
    """A bucket of its own, and larger: who reads too much must still be able to send the visits made today."""

    scope = "submitting"

    def allow_request(self, request, view) -> bool:
        return request.method in ("GET", "HEAD", "OPTIONS") or super().allow_request(request, view)


# ── views ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
class StrictView(APIView):
    """A view that answers only to the query parameters it names (A04)."""

    known_parameters: frozenset[str] = frozenset()
    throttle_classes = [Reading, Submitting]
    renderer_classes = [FastJSON]

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        known = self.known_parameters if request.method in ("GET", "HEAD") else frozenset()
        for name in sorted(set(request.query_params) - known):
            if name in OTHER_PAGING:
                raise page_size_refused(name)
            raise Refused(name[:60], "A04", "ตัวกรองนี้ไม่อนุญาต", "Filter not allowed.")
        for name, value in request.query_params.items():
            if "\0" in value:
                raise Refused(name, "A08", "ตัวอักษรไม่ถูกต้อง", "Invalid characters.")

    def throttled(self, request, wait) -> None:
        raise TooMany(wait)


def read_moment(request, name: str) -> datetime | None:
    """The aware moment in query parameter `name`, None when it is not given. A time zone is required (A17)."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        # An unquoted + reads as a space; what stands there can only be the sign of the zone.
        moment = parse_datetime(text.replace(" ", "+"))
        if moment is not None and moment.tzinfo is not None and moment.utctimetuple().tm_year >= 1900:
            return moment
    except (ValueError, OverflowError):
        pass
    raise Refused(name, "A17", "วันที่ไม่ถูกต้อง (ต้องมีเขตเวลา)", "Invalid date (time zone needed).")


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
PAGE_PARAMETERS = frozenset({"cursor", "page_size"})
OTHER_PAGING = frozenset({"page", "offset", "limit"})  # there is no way to go deep but by the cursor


def page_size_refused(field: str = "page_size") -> Refused:
    return Refused(field, "A05", "page_size ต้องอยู่ระหว่าง 1–100", "page_size must be 1–100.")


def read_page_size(request) -> int:
    """How many rows the page should have. Raises Refused outside 1–100 (A05)."""
    asked = request.query_params.get("page_size")
    if asked is None:
        return PAGE
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 4 and 1 <= int(asked) <= LARGEST_PAGE):
        raise page_size_refused()
    return int(asked)


def write_cursor(*position: int | str) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def read_cursor(request, *shape: type) -> tuple[Any, ...] | None:
    """The position in `cursor` as values of the types of `shape`, None on the first page. Raises Refused.

    A cursor is a place in an order and opens nothing: the rows behind it are looked for in scope like any others.
    """
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text[:LONGEST_CURSOR] + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        values = None
    fits = isinstance(values, list) and [type(value) for value in values] == list(shape)
    if not fits or not all(_is_storable(value) for value in values):
        raise _cursor_refused()
    return tuple(values)


def _is_storable(value: int | str) -> bool:
    """Whether a database can be asked for it: no number beyond its own, no NUL, no half of a character."""
    if isinstance(value, int):
        return abs(value) <= LARGEST_KEY
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _cursor_refused() -> Refused:
    return Refused(
        "cursor", "cursor", "cursor ไม่ถูกต้อง เริ่มจากหน้าแรก", "Not a cursor of this list. Start at its first page."
    )


def paged(request, rows: QuerySet, *keys: str, tell: Callable[[list], list[dict[str, Any]]]) -> Response:
    """The page of `rows` that was asked for, told by `tell`, in the order of `keys`: never null, the last unique.

    Raises Refused.
    """
    size, fields = read_page_size(request), [_field_of(rows.model, key) for key in keys]
    shape = [int if isinstance(field, models.IntegerField) else str for field in fields]
    if place := read_cursor(request, *shape):
        rows = rows.filter(after(keys, [_value(field, said) for field, said in zip(fields, place, strict=True)]))
    found = list(rows.order_by(*keys)[: size + 1])
    cursor = write_cursor(*position(found[size - 1], keys)) if len(found) > size else ""
    return Response(page(request, tell(found[:size]), cursor))


def _field_of(model: type[models.Model], key: str) -> models.Field:
    for part in key.removeprefix("-").split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        model = field.related_model
    return field


def _value(field: models.Field, said: int | str) -> Any:
    """A value of a cursor as its field holds it. Raises Refused."""
    if not isinstance(field, models.DateField):
        return said
    moment = isinstance(field, models.DateTimeField)
    try:
        value = datetime.fromisoformat(said) if moment else date.fromisoformat(said)
    except ValueError:
        raise _cursor_refused() from None
    if not 1900 <= value.year < 9999 or (moment and value.tzinfo is None):
        raise _cursor_refused()
    return value


def page(request, rows: Sequence[Any], cursor: str) -> dict[str, Any]:
    """One page as it is answered; `cursor` is the place after its last row, "" on the last page."""
    following = None
    if cursor:
        query = request.query_params.copy()
        query["cursor"] = cursor
        following = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
    return {"next": following, "results": rows}


# ── the schema ────────────────────────────────────────────────────────────────────────────────────────────────────────
def page_schema(name: str, row: type[serializers.Serializer]) -> serializers.Serializer:
    """What `page` answers, for the OpenAPI document."""
    return inline_serializer(
        name,
        {
            "next": serializers.URLField(allow_null=True, help_text="หน้าถัดไป · the next page; null on the last"),
            "results": row(many=True),
        },
    )


def one_of(name: str, known: Iterable[str]) -> None:
    """Refuse a value of parameter `name`, naming those there are."""
    words = ", ".join(known)
    raise Refused(name, name, f"{name} มี: {words}", f"{name} is one of: {words}.")


def choice(request, name: str, known: Iterable[str], usual: str = "") -> str:
    """The value of parameter `name`, `usual` when it is not given. Raises Refused for one that is not `known`."""
    value = request.query_params.get(name, usual)
    if name in request.query_params and value not in known:
        one_of(name, known)
    return value


def text_parameter(name: str, th: str, en: str, *, enum: Iterable[str] | None = None, required: bool = False):
    return OpenApiParameter(name, str, description=f"{th} · {en}", enum=enum and list(enum), required=required)


def id_parameter(name: str = "pk"):
    """A key of the database in the path."""
    return OpenApiParameter(
        name, {"type": "integer", "minimum": 1, "maximum": LARGEST_KEY}, OpenApiParameter.PATH, description="id"
    )


def moment_parameter(name: str, th: str, en: str):
    return OpenApiParameter(name, {"type": "string", "format": "date-time"}, description=f"{th} · {en}", required=False)


CURSOR_PARAMETERS = [
    OpenApiParameter("cursor", str, description="ตำแหน่งจาก next · the place given in `next`"),
    OpenApiParameter(
        "page_size", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE}, description="1–100"
    ),
]
UNIT_PARAMETER = OpenApiParameter(
    "unit",
    str,
    description="เช่น nation, province:46, district:P4603, school:46990001 · as written everywhere",
)
