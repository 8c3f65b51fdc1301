"""นักเรียนที่รับกลับเข้าเรียน: the receiving side's own narrow pages."""

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cases import receiving
from cases.models import FOREVER, Case
from schools import audit, clock, roles
from schools.paging import page_of
from schools.scope import posting_for

TABS = {"due": _("รอท่าน"), "waiting": _("รอยืนยัน"), "all": _("ทั้งหมด")}


@require_GET
def received_list(request: HttpRequest) -> HttpResponse:
    """The children who return to a school of mine, the most urgent first."""
    if not roles.can(request.user, roles.RECORD_VISIT):
        raise Http404
    tab = request.GET.get("tab", "all")
    tab = tab if tab in TABS else "all"
    received = Case.objects.received_by(request.user)
    rules = {"due": receiving.due(), "waiting": receiving.WAITING, "all": Q()}
    cases = (
        received.filter(rules[tab])
        .select_related(*receiving.RELATED)
        .annotate(due_key=Coalesce(F("due_at"), Value(FOREVER)))
    )
    counted = received.aggregate(
        due=Count("pk", filter=rules["due"], distinct=True), waiting=Count("pk", filter=rules["waiting"], distinct=True)
    )
    page = page_of(cases, ("due_key", "id"), request.GET.get("after", ""))
    return render(
        request,
        "cases/received_list.html",
        {
            "rows": receiving.rows(page.rows, request.user),
            "page": page,
            "tab": tab,
            "tabs": [(slug, label, counted.get(slug)) for slug, label in TABS.items()],
            "next_url": f"?tab={tab}&after={page.next}" if page.next else "",
            "first_url": "" if page.first else f"?tab={tab}",
            "as_of": clock.now(),
        },
    )


@require_GET
def received_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One received child: confirm or deny, follow up. Looking is recorded."""
    cases = Case.objects.received_by(request.user).select_related(*receiving.RELATED)
    case = get_object_or_404(cases, number=number)
    audit.record("case_viewed", person=request.user, object_kind="case", object_key=case.number)
    in_scope = posting_for(request.user, roles.SEE_CASES, case) is not None
    return render(request, "cases/received_detail.html", receiving.page(case, request.user) | {"in_scope": in_scope})
