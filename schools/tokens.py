"""API tokens: made here, hashed at rest, ended after ninety days, refused to whoever may not come in."""

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from schools import audit
from schools.models import Person
from schools.people import PersonRefused, may_come_in


class PersonTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`; 401 for a token of somebody who may not come in (any more)."""

    def validate_user(self, auth_token):
        if not may_come_in(auth_token.user):
            raise AuthenticationFailed(_("บัญชีนี้ถูกระงับ"))
        return super().validate_user(auth_token)


class PersonTokenScheme(KnoxTokenScheme):
    """How the OpenAPI document names it."""

    target_class = PersonTokenAuthentication
    name = "token"


def create_token(person: Person, *, by: Person | None = None) -> str:
    """A new API token of the person, shown once and stored only as a digest; it ends after REST_KNOX's TOKEN_TTL."""
    if not may_come_in(person):
        raise PersonRefused(
            f"“{person.username}” ถูกระงับ จึงออกโทเคนไม่ได้", f"“{person.username}” may not come in, so gets no token."
        )
    with transaction.atomic():
        instance, token = AuthToken.objects.create(person)
        audit.record(
            "token_create",
            person=by,
            object_kind="person",
            object_key=person.username[:60],
            until=instance.expiry.isoformat(),
        )
    return token
