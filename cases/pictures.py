"""A kept picture handed to a reader, by page and API alike: of a visit, of a request, of an answer to a list's lines.

Who may see it is asked here, and that they looked is recorded (AU-05). Whoever may not finds none (404).
"""

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404

from cases import answering, checklists, requests
from cases.confidential import may_see_address
from cases.models import Case, CheckPicture, ListVersion, Photo, Request
from cases.survivors import cases_of_person
from schools import audit
from schools.files import send_file
from schools.models import Person


def of_visit(case: Case, pk: int, *, person: Person) -> FileResponse:
    """Of a case in scope: for those who may see where the child is."""
    allowed = may_see_address(person, case)
    return _sent(
        Photo.objects.filter(visit__case__in=cases_of_person(case)),
        pk,
        allowed,
        person,
        {"object_kind": "case", "object_key": case.number},
    )


def of_request(asked: Request, pk: int, *, person: Person) -> FileResponse:
    """Of a request in reach: for those who may read its words."""
    return _sent(asked.pictures.all(), pk, answering.reads(asked, person), person, requests.in_trail(asked, person))


def of_check(version: ListVersion, pk: int, *, person: Person) -> FileResponse:
    """Of a list in sight: for those who check a line that it proves."""
    allowed = checklists.lines_of(version, person).filter(picture=pk).exists()
    return _sent(
        CheckPicture.objects.all(), pk, allowed, person, {"object_kind": "list_version", "object_key": str(version.pk)}
    )


def _sent(kept: QuerySet, pk: int, allowed: bool, person: Person, about: dict[str, str]) -> FileResponse:
    if not allowed:
        raise Http404
    picture = get_object_or_404(kept, pk=pk)
    audit.record(audit.VIEW_PHOTO, person=person, picture=picture.pk, **about)
    return send_file(settings.MEDIA_ROOT, picture.path, name=f"picture-{picture.pk}.jpg", content_type="image/jpeg")
