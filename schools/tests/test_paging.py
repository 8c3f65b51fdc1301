"""A page token is ours or nothing: whatever else stands there is refused, and never reaches the database."""

import base64
import json

import pytest
from django.core.exceptions import SuspiciousOperation
from django.urls import reverse

from schools.models import Posting
from schools.paging import page_of, read_keys

pytestmark = pytest.mark.django_db


def forged(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


FORGED = [
    *(forged(value) for value in (1, "x", "\x00", 1 << 70, None, True, 1.5, "0001-01-01")),
    *(forged(value, 1, 1) for value in ("x", "\x00", 1 << 70, None, "0001-01-01T00:00:00+14:00")),
    *("x", "[" * 4_000, base64.urlsafe_b64encode(b"[" * 3_000).decode(), "\x00", "๙"),
]


@pytest.mark.parametrize("token", FORGED, ids=range(len(FORGED)))
def test_a_token_we_did_not_give_is_refused(cast, client, token):
    with pytest.raises(SuspiciousOperation):
        page_of(Posting.objects.all(), ("pk",), token)
    client.force_login(cast.district)
    for page in ("cases:desk", "cases:case_list", "cases:duplicate_list", "cases:received_list", "schools:people_list"):
        assert client.get(reverse(page), {"after": token}).status_code == 400


def test_our_own_token_opens_the_next_page(cast):
    rows = Posting.objects.all()
    first = page_of(rows, ("person__first_name", "pk"), size=5)
    second = page_of(rows, ("person__first_name", "pk"), first.next, size=5)
    assert len({one.pk for one in (*first.rows, *second.rows)}) == 10


def test_a_token_of_another_list_is_refused(cast):
    token = page_of(Posting.objects.all(), ("person__first_name", "pk"), size=5).next
    with pytest.raises(SuspiciousOperation):
        page_of(Posting.objects.all(), ("pk", "person__first_name"), token)


def test_ticked_rows_are_read_as_keys_or_left_out():
    junk = ["", "-1", "x", "²", "๑", "1.0", "9" * 19, "9" * 5_000, "\x00", "1\x00"]
    assert read_keys([*junk, "7", "9" * 18], 100) == [7, int("9" * 18)]
    assert read_keys(["1", "2", "3"], 2) == [1, 2]
