"""What happens around every request: its id and origin for the trail, nothing kept in caches, a due new password."""

from uuid import uuid4

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import redirect

from schools import audit

# What a person who must choose a new password may still open.
OPEN_BEFORE_NEW_PASSWORD = frozenset(
    {"account_change_password", "account_logout", "account_login", "set_language", "schools:privacy", "healthz"}
    | {"csp_report"}
)


def client_ip(request: HttpRequest) -> str | None:
    """Where the request came from; a proxy's word is taken only when BEHIND_PROXY says there is one (settings)."""
    try:
        return get_adapter(request).get_client_ip(request)
    except PermissionDenied:  # allauth's way to say that there is no readable address
        return None


def remember_origin(get_response):
    """Gives the request its `id`, hands origin to the trail, and lets no answer of ours be stored (HD-02).

    Static files are answered before and keep their long life.
    """

    def middleware(request):
        request.id = str(uuid4())
        with audit.origin(client_ip(request), request.headers.get("User-Agent", ""), request.id):
            response = get_response(request)
        response["X-Request-ID"] = request.id
        response["Cache-Control"] = "no-store, private"
        return response

    return middleware


class demand_new_password:  # noqa: N801 - named like the function middleware it stands beside
    """Until a new password is chosen nothing else opens (AN-07): first log-in, or after an administrator set it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        person = request.user
        if not (person.is_authenticated and person.must_change_password):
            return None
        if request.resolver_match.view_name in OPEN_BEFORE_NEW_PASSWORD:
            return None
        if request.path.startswith("/api/"):
            raise PermissionDenied("A new password must be chosen first.")
        return redirect("account_change_password")
