"""Routes of the case pages (namespace `cases`)."""

from django.urls import include, path, register_converter

from cases import reveal_views
from cases.models.case import ALPHABET
from cases.views import (
    act,
    checks,
    desk,
    duplicates,
    files,
    handover,
    help,
    received,
    referrals,
    report,
    sheets,
    work,
)


class CaseNumber:
    """`7Q2K-M4TX`: two groups of four of Crockford's letters. Anything else is 404 before a view or a query runs."""

    regex = f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseNumber, "case_number")

app_name = "cases"
urlpatterns = [
    path("", files.queue, name="queue"),
    path("search/", files.search, name="search"),
    path("cases/", files.case_list, name="case_list"),
    path("cases/assign/", work.assign_many, name="assign_many"),
    path("cases/teacher/", work.name_teachers, name="name_teachers"),
    path("cases/<case_number:number>/", files.case_detail, name="case_detail"),
    path("cases/<case_number:number>/visits/new/", work.visit_new, name="visit_new"),
    path("cases/<case_number:number>/enrolment/", work.enrolment_new, name="enrolment_new"),
    path("cases/<case_number:number>/assign/", work.assign, name="assign"),
    path("cases/<case_number:number>/teacher/", work.name_teacher, name="name_teacher"),
    path("cases/<case_number:number>/photos/<int:photo_id>/", files.photo, name="photo"),
    path("cases/<case_number:number>/reveal/", reveal_views.reveal, name="reveal"),
    path("cases/<case_number:number>/do/<slug:slug>/", act.act, name="act"),
    path("cases/<case_number:number>/help/<int:pk>/done/", help.help_done, name="help_done"),
    path("cases/<case_number:number>/referrals/<int:pk>/recall/", referrals.referral_recall, name="referral_recall"),
    path("referrals/", referrals.referral_list, name="referral_list"),
    path("referrals/<int:pk>/", referrals.referral_detail, name="referral_detail"),
    path("referrals/<int:pk>/answer/", referrals.referral_answer, name="referral_answer"),
    path("cases/<case_number:number>/visits/sheet/", sheets.visit_sheet, name="visit_sheet"),
    path("cases/<case_number:number>/visits/<int:visit_id>/sheet/", sheets.visit_sheet, name="visit_sheet"),
    path("cases/<case_number:number>/letter/", sheets.guardian_letter, name="guardian_letter"),
    path("received/", received.received_list, name="received_list"),
    path("received/<case_number:number>/", received.received_detail, name="received_detail"),
    path("desk/", desk.desk, name="desk"),
    path("desk/route/", desk.desk_route, name="desk_route"),
    path("desk/undo/", desk.desk_undo, name="desk_undo"),
    path("requests/", act.request_list, name="request_list"),
    path("requests/grant/", act.request_grant_many, name="request_grant_many"),
    path("requests/<int:pk>/pictures/<int:picture_id>/", act.request_picture, name="request_picture"),
    path("requests/<int:pk>/", act.request_detail, name="request_detail"),
    path("requests/<int:pk>/answer/", act.request_answer, name="request_answer"),
    path("checks/", checks.check_list, name="check_list"),
    path("checks/<int:pk>/", checks.check_version, name="check_version"),
    path("checks/<int:pk>/lines/", checks.check_lines, name="check_lines"),
    path("checks/<int:pk>/lines/<int:line>/amend/", checks.check_amend, name="check_amend"),
    path("checks/<int:pk>/lines/<int:line>/duplicate/", checks.check_duplicate, name="check_duplicate"),
    path("checks/<int:pk>/pictures/<int:picture>/", checks.check_picture, name="check_picture"),
    path("checks/<int:pk>/sign/", checks.check_sign, name="check_sign"),
    path("checks/<int:pk>/return/", checks.check_return, name="check_return"),
    path("report/", report.report_child, name="report_child"),
    path("duplicates/", duplicates.duplicate_list, name="duplicate_list"),
    path("duplicates/<int:pk>/", duplicates.duplicate_detail, name="duplicate_detail"),
    path("duplicates/<int:pk>/decide/", duplicates.duplicate_decide, name="duplicate_decide"),
    path("hand-overs/", handover.hand_over_list, name="hand_over_list"),
    path("hand-overs/<slug:school_code>/<int:person_id>/", handover.hand_over, name="hand_over"),
    path("", include("cases.intake.urls")),
]
