"""The one navigation list, by what a person may do: the same items on the phone's bar and the desk's side column."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import desk, requests
from schools import roles
from schools.scope import home_unit, postings_of, unit_of_posting


def navigation(request: HttpRequest) -> dict:
    """Context of every page: `nav`, `unit_name`, `account_name`, `waiting_requests`; nothing without a log-in."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {}
    unit = next((unit for posting in postings_of(person) if (unit := unit_of_posting(posting))), None)
    waiting = requests.counts(person) if roles.can(person, roles.ANSWER) else None
    return {
        "waiting_requests": waiting,
        "nav": [item | {"current": request.path == item["url"]} for item in _items(person, waiting)],
        "unit_name": unit.label if unit else "",
        "account_name": person.get_full_name(),
        "searches": roles.can(person, roles.SEE_CASES),
    }


def _items(person, waiting) -> list[dict]:
    items = []

    def add(capability, url, label, icon, **more):
        if capability is None or roles.can(person, capability):
            items.append({"url": url, "label": label, "icon": icon, **more})

    add(roles.SEE_REFERRALS, reverse("cases:referral_list"), _("เรื่องที่ส่งต่อมา"), "hand", narrow=True)
    add(roles.RECORD_VISIT, reverse("cases:queue"), _("งานของฉัน"), "home", narrow=True)
    administers = roles.can(person, roles.ADMINISTER_PEOPLE)
    if not items and not administers and not roles.can(person, roles.SEE_FIGURES):
        add(None, reverse("cases:queue"), _("งานของฉัน"), "home", narrow=True)
    add(roles.SEE_CASES, reverse("cases:case_list"), _("ทะเบียนเด็ก"), "kids", narrow=True, short=_("ทะเบียน"))
    add(roles.RECORD_VISIT, reverse("cases:received_list"), _("รับกลับเข้าเรียน"), "bag")
    if desk.has_desk(person):
        routes = {"narrow": not roles.can(person, roles.RECORD_VISIT), "short": _("รับเข้า")}
        label = _("มอบหมาย/รับโอน") if roles.can(person, roles.ASSIGN_CASES) else _("รับเข้า/ส่งไป")
        add(None, reverse("cases:desk"), label, "route", **routes)
    if waiting is not None or roles.can(person, roles.ASK):
        counted = {"count_due": waiting.overdue, "count": waiting.count} if waiting else {}
        add(None, reverse("cases:request_list"), _("อนุมัติ"), "stamp", **counted)
    unit = home_unit(person)
    if unit is not None:
        url = reverse("reports:dashboard", args=[str(unit)])
        add(roles.SEE_FIGURES, url, _("แดชบอร์ด"), "chart", narrow=True)
    add(
        roles.IMPORT_LISTS, reverse("cases:import_list"), _("นำเข้ารายชื่อ"), "io", narrow=True, short=_("นำเข้า"), gap=True
    )
    checks = roles.CHECK_LISTS if roles.can(person, roles.CHECK_LISTS) else roles.SIGN_LISTS
    add(checks, reverse("cases:check_list"), _("ตรวจสอบบัญชี"), "checks")
    add(roles.REPORT_CHILD, reverse("cases:report_child"), _("แจ้งพบเด็ก"), "addkid")
    add(roles.RESOLVE_DUPLICATES, reverse("cases:duplicate_list"), _("ข้อมูลซ้ำซ้อน"), "dup")
    add(roles.EXPORT_WORKBOOK, reverse("reports:export_list"), _("ส่งออก"), "down")
    alone = not items  # the administrator's only work
    add(roles.ADMINISTER_PEOPLE, reverse("schools:people_list"), _("หน่วยงานและผู้ใช้"), "units", narrow=alone)
    add(roles.SEE_AUDIT, reverse("schools:audit_list"), _("บันทึกการเข้าถึง"), "eye")
    return items
