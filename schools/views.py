"""The pages about oneself and about who looked: log-in, account, บันทึกการเข้าถึง, the privacy notice."""

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from schools import audit, roles
from schools.access import needs
from schools.filters import AuditFilter
from schools.models import AuditEvent, Person, Posting
from schools.scope import postings_of
from schools.units import unit_names

EVENTS_A_PAGE = 50
LOG_INS_SHOWN = 10


def demo_people() -> list[dict]:
    """With DEMO=1 the people to try, one per role in the order of the roles: who, role, where. Else nobody."""
    if not settings.DEMO:
        return []
    people = Person.objects.filter(is_demo=True, is_active=True).prefetch_related("postings").order_by("pk")
    first: dict[str, tuple[Person, Posting]] = {}
    for person in people:
        for posting in person.postings.all():
            first.setdefault(posting.role, (person, posting))
    names = unit_names({posting.unit for _, posting in first.values()})
    return [
        {
            "username": first[role][0].username,
            "name": first[role][0].get_full_name(),
            "role": roles.name_of(role),
            "unit": names[first[role][1].unit],
        }
        for role in Posting.Role.values
        if role in first
    ]


@method_decorator(login_not_required, name="dispatch")
class LogIn(LoginView):
    """allauth's log-in, which says 429 while an account must wait and shows the demo's people."""

    def form_invalid(self, form):
        response = super().form_invalid(form)
        for error in form.non_field_errors().as_data():
            if error.code == "too_soon":
                response.status_code = 429
                response["Retry-After"] = str(error.params["seconds"])
        return response

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"demo_people": demo_people()}


log_in = LogIn.as_view()


# In the order in which they are looked for: Edge and Chrome call themselves Safari too, Android calls itself Linux.
BROWSERS = {"Line/": "LINE", "Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device_of(agent: str) -> str:
    """What a person recognises of a user agent: "Chrome · Android"; a dash when it says neither."""
    found = [next((name for mark, name in marks.items() if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found)) or "–"


@require_safe
def account(request):
    """Who one is here: postings, language, password, and the latest log-ins to one's name."""
    postings = postings_of(request.user)
    names = unit_names({posting.unit for posting in postings})
    rows = [
        {
            "role": roles.name_of(posting.role),
            "unit": names[posting.unit],
            "since": posting.since,
            "until": posting.until,
        }
        for posting in postings
    ]
    log_ins = list(AuditEvent.objects.filter(person=request.user, action=audit.LOG_IN)[:LOG_INS_SHOWN])
    for event in log_ins:
        event.device = device_of(event.agent)
    return render(request, "schools/account.html", {"postings": rows, "log_ins": log_ins})


@require_safe
@needs(roles.SEE_AUDIT)
def audit_list(request):
    """บันทึกการเข้าถึง: the events of the people and cases one watches over, the latest first, paged by key."""
    events = audit.events_visible_to(request.user)
    found = AuditFilter(request.GET, queryset=events)
    sound = found.form.is_valid()
    rows = found.qs if sound else events.none()
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows.select_related("person").order_by("-pk")[: EVENTS_A_PAGE + 1])
    more, page = len(page) > EVENTS_A_PAGE, page[:EVENTS_A_PAGE]
    names = unit_names({event.unit for event in page})
    context = {
        "filter": found,
        "rows": [
            {"event": event, "action": audit.ACTIONS.get(event.action, event.action)}
            | {"unit": names[event.unit], "role": roles.name_of(event.role)}
            for event in page
        ],
        "next_url": _address(request, before=page[-1].pk) if more else "",
        "first_url": _address(request) if before else "",
    }
    return render(request, "schools/audit_list.html", context, status=200 if sound else 400)


def _address(request, **more) -> str:
    query = request.GET.copy()
    query.pop("before", None)
    for name, value in more.items():
        query[name] = value
    return f"{request.path}?{query.urlencode()}"


@require_safe
@login_not_required
def privacy(request):
    """What is recorded of whom and why (PDPA s.23), open to everybody."""
    return render(request, "schools/privacy.html")
