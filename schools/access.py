"""How a view asks whether its person may: by capability, and with the password given a short while ago.

Where a person may look is schools.scope; outside it a view answers 404 by
`get_object_or_404(Model.objects.visible_to(request.user), …)`. Inside but not allowed is 403, which is said here.
"""

import time
from functools import wraps

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.permissions import BasePermission

from schools import roles


def needs(capability: str):
    """Decorator of a function view: 403 unless one of the person's postings has `capability` (schools.roles)."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not roles.can(request.user, capability):
                raise PermissionDenied(capability)
            return view(request, *args, **kwargs)

        guarded.capability = capability
        return guarded

    return decorate


def permission(capability: str) -> type[BasePermission]:
    """The same for the API: `permission_classes = [IsAuthenticated, permission(roles.SEE_FIGURES)]`."""

    class Needs(BasePermission):
        def has_permission(self, request, view) -> bool:
            return roles.can(request.user, capability)

    Needs.capability = capability
    return Needs


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session's password was given within the last ten minutes, at log-in or asked for again (AN-09)."""
    records = get_authentication_records(request, request.user)
    return bool(records) and 0 <= time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def ask_password_unless_fresh(request: HttpRequest) -> None:
    """Sends a stale session to the password page; what was being posted is kept and goes on from there by itself."""
    if not is_fresh(request):
        raise ReauthenticationRequired
