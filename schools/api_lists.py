"""How lists of the API are asked for: by cursor, at most 100 a page, and by no parameter that is not known."""

from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import CursorPagination

LARGEST_PAGE = 100
ALWAYS_KNOWN = frozenset({"cursor", "page_size"})


class StrictCursorPagination(CursorPagination):
    """Newest key last; `page_size` outside 1–100 is an error and not cut (A05). There is no offset to go deep with."""

    ordering = "pk"
    page_size = 50
    max_page_size = LARGEST_PAGE
    page_size_query_param = "page_size"

    def get_page_size(self, request) -> int:
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdecimal() and len(asked) < 4 and 1 <= int(asked) <= LARGEST_PAGE):
            raise ValidationError({"page_size": [_("page_size ต้องอยู่ระหว่าง 1–100")]}, code="page_size")
        return int(asked)


def refuse_unknown_parameters(request, known) -> None:
    """Raises ValidationError naming each query parameter that is not in `known` (A04)."""
    wrong = sorted(set(request.query_params) - set(known))
    if wrong:
        raise ValidationError({name[:60]: [_("ตัวกรองนี้ไม่อนุญาต")] for name in wrong}, code="unknown_parameter")


class KnownParametersOnly(BaseFilterBackend):
    """A list answers only to its paging, its filters and what its view names in `known_parameters`."""

    def filter_queryset(self, request, queryset, view):
        filters = DjangoFilterBackend().get_filterset_class(view, queryset)
        known = ALWAYS_KNOWN | set(getattr(view, "known_parameters", ())) | set(filters.base_filters if filters else ())
        refuse_unknown_parameters(request, known)
        return queryset
