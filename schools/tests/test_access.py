"""How a view asks whether its person may."""

import time

import pytest
from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from schools import access, roles
from schools.tests.guard_world import log_in, make_person

pytestmark = pytest.mark.django_db


@access.needs(roles.IMPORT_LISTS)
def guarded(request):
    return HttpResponse("in")


def test_needs_lets_the_capable_in_and_refuses_others(rf, cast):
    inside = set()
    for name, person in cast.people().items():
        request = rf.get("/")
        request.user = person
        try:
            guarded(request)
            inside.add(name.removeprefix("south_"))
        except PermissionDenied:
            pass
    assert inside == {"director", "district", "province", "department", "ministry"}


def test_permission_of_the_api_says_the_same(rf, cast):
    permission = access.permission(roles.SEE_AUDIT)()
    request = rf.get("/")
    request.user = cast.auditor
    assert permission.has_permission(request, None)
    request.user = cast.teacher
    assert not permission.has_permission(request, None)


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (9.9, True), (10, False), (11, False), (-1, False)])
def test_password_is_fresh_for_ten_minutes(client, rf, minutes, fresh):
    person = make_person("krui")
    log_in(client, "krui")
    session = client.session
    session["account_authentication_methods"][-1]["at"] = time.time() - minutes * 60
    request = rf.get("/")
    request.user, request.session = person, session
    assert access.is_fresh(request) is fresh
    if not fresh:
        with pytest.raises(ReauthenticationRequired):
            access.ask_password_unless_fresh(request)


def test_session_of_somebody_else_is_never_fresh(client, rf, cast):
    make_person("krui")
    log_in(client, "krui")
    request = rf.get("/")
    request.user, request.session = cast.teacher, client.session
    assert not access.is_fresh(request)
