"""Routes of the API under /api/v1/, and its OpenAPI document. Named `api:…`, so that pages and API never meet."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from cases import api as cases
from cases import check_api as checks
from cases import check_line_api as check_lines
from cases import deed_api as deeds
from cases import duplicate_api as duplicates
from cases import hand_over_api as hand_overs
from cases import import_api as imports
from cases import referral_api as referrals
from cases import report_api as found
from cases import request_api as requests
from cases import return_api as returns
from cases import transfer_api as transfers
from cases import urls as _case_number  # noqa: F401 - registers the converter of case numbers
from reports import api as reports
from reports import export_api as exports
from schools import api as schools
from schools import people_api as people

v1 = [
    path("units/", schools.UnitList.as_view(), name="units"),
    path("units/<str:unit>/", schools.UnitDetail.as_view(), name="unit"),
    path("jobs/", schools.JobList.as_view(), name="jobs"),
    path("jobs/<int:job>/", schools.JobDetail.as_view(), name="job"),
    path("jobs/<int:job>/cancel/", schools.JobCancel.as_view(), name="job_cancel"),
    path("people/", people.PersonInvite.as_view(), name="people"),
    path("postings/", people.PostingList.as_view(), name="postings"),
    path("postings/confirm/", people.PostingConfirm.as_view(), name="posting_confirm"),
    path("postings/<int:posting>/", people.PostingDetail.as_view(), name="posting"),
    path("postings/<int:posting>/end/", people.PostingEnd.as_view(), name="posting_end"),
    path("invitations/", people.InvitationNew.as_view(), name="invitations"),
    path("hand-overs/", hand_overs.HandOver.as_view(), name="hand_overs"),
    path("cases/", reports.CaseList.as_view(), name="cases"),
    path("cases/<case_number:number>/", cases.CaseDetail.as_view(), name="case"),
    path("cases/<case_number:number>/visits/", cases.VisitList.as_view(), name="visits"),
    path("cases/<case_number:number>/photos/<int:photo>/", cases.VisitPhoto.as_view(), name="photo"),
    path("cases/<case_number:number>/assign/", cases.CaseAssign.as_view(), name="case_assign"),
    path("cases/<case_number:number>/enrolment/", cases.CaseEnrolment.as_view(), name="case_enrolment"),
    path("cases/<case_number:number>/teacher/", cases.CaseTeacher.as_view(), name="case_teacher"),
    path("children/", found.Children.as_view(), name="children"),
    path("children/check/", found.ChildCheck.as_view(), name="child_check"),
    path("children/ask/", found.ChildAsk.as_view(), name="child_ask"),
    path("duplicates/", duplicates.DuplicateList.as_view(), name="duplicates"),
    path("duplicates/<int:pair>/decide/", duplicates.DuplicateDecide.as_view(), name="duplicate_decide"),
    path("cases/<case_number:number>/help/", referrals.HelpList.as_view(), name="help"),
    path("cases/<case_number:number>/help/<int:pk>/done/", referrals.HelpDone.as_view(), name="help_done"),
    path("cases/<case_number:number>/actions/", deeds.CaseActions.as_view(), name="case_actions"),
    *deeds.deed_routes(),
    path("requests/", requests.RequestList.as_view(), name="requests"),
    path("requests/<int:pk>/", requests.RequestDetail.as_view(), name="request"),
    path("requests/<int:pk>/answer/", requests.RequestAnswered.as_view(), name="request_answer"),
    path("requests/<int:pk>/pictures/<int:picture>/", requests.RequestPictureFile.as_view(), name="request_picture"),
    path("transfers/", transfers.TransferList.as_view(), name="transfers"),
    path("transfers/<int:pk>/", transfers.TransferDetail.as_view(), name="transfer"),
    path("transfers/<int:pk>/answer/", transfers.TransferAnswered.as_view(), name="transfer_answer"),
    path("transfers/<int:pk>/recall/", transfers.TransferRecalled.as_view(), name="transfer_recall"),
    path("enrolments/", returns.EnrolmentList.as_view(), name="enrolments"),
    path("follow-ups/", returns.FollowUpList.as_view(), name="follow_ups"),
    path("referrals/", referrals.ReferralList.as_view(), name="referrals"),
    path("referrals/<int:pk>/", referrals.ReferralDetail.as_view(), name="referral"),
    path("referrals/<int:pk>/answer/", referrals.ReferralAnswered.as_view(), name="referral_answer"),
    path("referrals/<int:pk>/recall/", referrals.ReferralRecalled.as_view(), name="referral_recall"),
    path("figures/", reports.Figures.as_view(), name="figures"),
    path("rollups/", reports.RollupList.as_view(), name="rollups"),
    path("rollups/<str:period>/", reports.RollupDetail.as_view(), name="rollup"),
    path("imports/", imports.ImportNew.as_view(), name="imports"),
    path("imports/<int:job>/", imports.ImportDetail.as_view(), name="import"),
    path("imports/<int:job>/commit/", imports.ImportCommit.as_view(), name="import_commit"),
    path("list-checks/", checks.ListChecks.as_view(), name="list_checks"),
    path("list-checks/<int:version>/", checks.ListCheck.as_view(), name="list_check"),
    path("list-checks/<int:version>/sign/", checks.ListCheckSign.as_view(), name="list_check_sign"),
    path("list-checks/<int:version>/return/", checks.ListCheckReturn.as_view(), name="list_check_return"),
    path(
        "list-checks/<int:version>/pictures/<int:picture>/",
        checks.CheckPictureFile.as_view(),
        name="list_check_picture",
    ),
    path("list-checks/<int:version>/lines/<int:line>/", check_lines.CheckLine.as_view(), name="list_check_line"),
    path(
        "list-checks/<int:version>/lines/<int:line>/amend/",
        check_lines.CheckLineAmend.as_view(),
        name="list_check_amend",
    ),
    path(
        "list-checks/<int:version>/lines/<int:line>/duplicate/",
        check_lines.CheckLineDuplicate.as_view(),
        name="list_check_duplicate",
    ),
    path("exports/", exports.ExportNew.as_view(), name="exports"),
    path("exports/<int:job>/file/", exports.ExportFile.as_view(), name="export_file"),
]

app_name = "api"
urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    # A page for people: who is not in is led to the log-in instead of being told so in JSON.
    path(
        "docs/",
        login_required(
            SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html"),
        ),
        name="docs",
    ),
]
