"""หน่วยงานและผู้ใช้: the people of one's unit and the level below, their postings, invitations and yearly confirming."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schools import audit, invitations, postings, roles, tenure
from schools import people_list as listing
from schools.access import ask_password_unless_fresh, needs
from schools.invitations import LinkRefused
from schools.language import spoken
from schools.models import AuditEvent, Person, Posting
from schools.paging import page_of, read_keys
from schools.people import PersonRefused
from schools.people_forms import EndForm, FirstPasswordForm, InvitationForm, PeopleFilter, PostingForm
from schools.people_rules import giving_posting, may_change, visible_postings
from schools.roles import UNIT_KINDS
from schools.scope import unit_of_posting
from schools.thaitime import bangkok_today

MOST_CHOSEN = 500
EVENTS_SHOWN = 20


@require_GET
@needs(roles.ADMINISTER_PEOPLE)
def people_list(request: HttpRequest) -> HttpResponse:
    """The people one administers, a row a posting."""
    form = PeopleFilter(request.GET)
    sound = form.is_valid()
    asked = {name: value for name, value in form.cleaned_data.items() if value} if sound else {}
    found = listing.narrowed(request.user, **asked) if sound else Posting.objects.none()
    page = page_of(found, listing.ORDER, request.GET.get("after", ""))
    today = bangkok_today()
    context = {
        "form": form,
        "filtered": bool(asked),
        "rows": listing.rows(page.rows, request.user),
        "next_url": f"?{urlencode(asked | {'after': page.next})}" if page.next else "",
        "first_url": f"?{urlencode(asked)}" if not page.first else "",
        "hands_over": roles.can(request.user, roles.NAME_TEACHER),
        "due": listing.number_due(request.user),
        "due_day": tenure.due_day(today),
        "suspension_day": tenure.suspension_day(today),
    }
    return render(request, "schools/people_list.html", context, status=200 if sound else 400)


@require_http_methods(["GET", "POST"])
@needs(roles.ADMINISTER_PEOPLE)
def person_new(request: HttpRequest) -> HttpResponse:
    """เชิญผู้ใช้: one person. The link is on the answer and nowhere else."""
    form = InvitationForm(request.POST if request.method == "POST" else None, person=request.user)
    status = 200
    if form.is_bound:
        ask_password_unless_fresh(request)
        status = 400
        if form.is_valid():
            said = dict(form.cleaned_data)
            try:
                invited = invitations.invite(said.pop("username"), by=request.user, **said)
            except PersonRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, spoken(refusal))
                status = refusal.status
            else:
                if invited.token:
                    return _show_links(request, [(invited.person, invited.token)])
                messages.success(request, _posted_words(invited))
                return redirect("schools:posting_detail", invited.posting.pk)
    return render(request, "schools/person_new.html", {"form": form}, status=status)


def _posted_words(invited) -> str:
    if not invited.is_new_posting:
        return _("%(person)s มีตำแหน่งนี้อยู่แล้ว ไม่มีอะไรเปลี่ยน") % {"person": invited.person}
    if invited.person.has_usable_password():
        return _("แต่งตั้ง %(person)s แล้ว เข้าสู่ระบบด้วยรหัสผ่านเดิมได้") % {"person": invited.person}
    return _("แต่งตั้ง %(person)s แล้ว ผู้ที่ดูแลทุกตำแหน่งของคนนี้เป็นผู้ออกลิงก์ตั้งรหัสผ่าน") % {"person": invited.person}


def _show_links(request: HttpRequest, made: list[tuple[Person, str]]) -> HttpResponse:
    """The links just made, once: they are kept nowhere in clear."""
    rows = [
        {"person": person, "link": request.build_absolute_uri(invitations.link_path(token))} for person, token in made
    ]
    return render(request, "schools/invitation_new.html", {"rows": rows})


@require_POST
@needs(roles.ADMINISTER_PEOPLE)
def invitation_new(request: HttpRequest) -> HttpResponse:
    """ออกลิงก์ใหม่ for chosen people who have no password yet; earlier links stop working."""
    chosen = _chosen(request)
    ask_password_unless_fresh(request)
    made, told = [], []
    for person in {posting.person_id: posting.person for posting in chosen}.values():
        try:
            made.append((person, invitations.issue_link(person, by=request.user)))
        except (LinkRefused, PersonRefused) as refusal:
            told.append(spoken(refusal))
    for words in told:
        messages.warning(request, words)
    return _show_links(request, made) if made else redirect("schools:people_list")


def _chosen(request: HttpRequest) -> list[Posting]:
    """The postings whose boxes were ticked, of those in sight."""
    numbers = read_keys(request.POST.getlist("posting"), MOST_CHOSEN)
    return list(visible_postings(request.user).filter(pk__in=numbers))


@require_POST
@needs(roles.ADMINISTER_PEOPLE)
def posting_confirm(request: HttpRequest) -> HttpResponse:
    """ยืนยันประจำปี: chosen postings, all or none; one's own is left to somebody else."""
    chosen = [posting for posting in _chosen(request) if may_change(request.user, posting)]
    if not chosen:
        messages.warning(request, _("ยังไม่ได้เลือกคนที่ท่านยืนยันได้ เลือกจากรายการก่อน"))
        return redirect("schools:people_list")
    try:
        n = postings.confirm(chosen, by=request.user)
    except PersonRefused as refusal:
        messages.error(request, spoken(refusal))
    else:
        messages.success(request, ngettext("ยืนยันแล้ว %(n)s ตำแหน่ง", "ยืนยันแล้ว %(n)s ตำแหน่ง", n) % {"n": n})
    return redirect("schools:people_list")


# ── one posting ───────────────────────────────────────────────────────────────────────────────────────────────────
def _posting(request: HttpRequest, posting_id: int) -> Posting:
    """A posting in sight; otherwise 404, exactly as if it did not exist."""
    return get_object_or_404(visible_postings(request.user), pk=min(posting_id, (1 << 63) - 1))


def _roles_here(person: Person, posting: Posting) -> list[str]:
    """The roles `person` could give in the posting's unit."""
    unit = unit_of_posting(posting)
    kinds = unit.kind if unit else ""
    return [role for role in UNIT_KINDS if kinds in UNIT_KINDS[role] and giving_posting(person, role, unit)]


def _detail(request: HttpRequest, posting: Posting, *, status: int = 200, **forms) -> HttpResponse:
    others = visible_postings(request.user).filter(person=posting.person).exclude(pk=posting.pk)
    shown = listing.rows([posting, *others], request.user)
    given = _roles_here(request.user, posting) if shown[0]["may_change"] else []
    events = AuditEvent.objects.filter(object_kind="person", object_key=posting.person.username[:60])
    said = {"role": posting.role, "until": posting.until, "read_only": posting.read_only}
    context = {
        "row": shown[0],
        "others": shown[1:],
        "form": PostingForm(initial=said, given=given),
        "end_form": EndForm(),
        "ended": shown[0]["state"] == tenure.ENDED,
        "due": tenure.is_due(posting, bangkok_today()),
        "needs_link": not posting.person.has_usable_password()
        and invitations.may_issue_link(request.user, posting.person),
        "hands_over": posting.unit.startswith("school:") and roles.can(request.user, roles.NAME_TEACHER),
        "events": [
            {"event": event, "action": audit.ACTIONS.get(event.action, event.action)}
            for event in events.select_related("person")[:EVENTS_SHOWN]
        ]
        if shown[0]["may_change"]
        else [],
    } | forms
    return render(request, "schools/posting_detail.html", context, status=status)


@require_GET
@needs(roles.ADMINISTER_PEOPLE)
def posting_detail(request: HttpRequest, posting_id: int) -> HttpResponse:
    """One person's posting, and what may be done with it."""
    return _detail(request, _posting(request, posting_id))


def _changeable(request: HttpRequest, posting_id: int) -> Posting:
    posting = _posting(request, posting_id)
    if not may_change(request.user, posting):
        raise PermissionDenied
    return posting


@require_POST
@needs(roles.ADMINISTER_PEOPLE)
def posting_change(request: HttpRequest, posting_id: int) -> HttpResponse:
    """Another role in the same unit, another last day, read-only or not."""
    posting = _changeable(request, posting_id)
    ask_password_unless_fresh(request)
    form = PostingForm(request.POST, given=_roles_here(request.user, posting))
    if not form.is_valid():
        return _detail(request, posting, status=400, form=form)
    said = form.cleaned_data
    try:
        changed = postings.change(posting, **said, by=request.user)
    except PersonRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, spoken(refusal))
        return _detail(request, posting, status=refusal.status, form=form)
    messages.success(request, _("บันทึกการแก้ตำแหน่งแล้ว มีผลทันที"))
    return redirect("schools:posting_detail", changed.pk)


@require_POST
@needs(roles.ADMINISTER_PEOPLE)
def posting_end(request: HttpRequest, posting_id: int) -> HttpResponse:
    """สิ้นสุดตำแหน่ง: at once, or with a last day."""
    posting = _changeable(request, posting_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _detail(request, posting, status=400, end_form=form)
    try:
        postings.end(posting, by=request.user, on=form.cleaned_data["on"])
    except PersonRefused as refusal:
        form.add_error("on" if refusal.field == "until" else None, spoken(refusal))
        return _detail(request, posting, status=refusal.status, end_form=form)
    messages.success(request, _("บันทึกการสิ้นสุดตำแหน่งแล้ว"))
    return redirect("schools:posting_detail", posting.pk)


# ── the invited person ────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "POST"])
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """ตั้งรหัสผ่านครั้งแรก: opening the page uses nothing up, sending it does. A bad link is 410, whatever is wrong."""
    form = FirstPasswordForm(request.POST if request.method == "POST" else None)
    try:
        found = invitations.open_link(token)
        if form.is_bound and form.is_valid():
            person = invitations.accept(token, form.cleaned_data["password1"])
            messages.success(request, _("ตั้งรหัสผ่านแล้ว เข้าสู่ระบบด้วยชื่อผู้ใช้ %(name)s") % {"name": person.username})
            return redirect("account_login")
    except invitations.BadLink:
        return render(request, "schools/invitation.html", {"bad": True}, status=410)
    except ValidationError as weak:
        form.add_error("password1", weak)
    context = {"form": form, "person": found.person, "expires_at": found.expires_at}
    return render(request, "schools/invitation.html", context)  # 200: a 400 would write the live link into the log
