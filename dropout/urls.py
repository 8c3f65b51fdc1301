"""Every route of the product. A new one needs a row in the access table (dropout/tests/access_table.py)."""

from allauth.account import views as account_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from dropout.health import healthz
from schools.csp_report import csp_report
from schools.views import log_in

handler400 = "dropout.problems.bad_request"
handler403 = "dropout.problems.forbidden"
handler404 = "dropout.problems.not_found"
handler429 = "dropout.problems.too_many_requests"  # allauth asks for it by this name
handler500 = "dropout.problems.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),  # no slash at its end: the address every load balancer is told
    path("csp-report/", csp_report, name="csp_report"),
    path("language/", login_not_required(set_language), name="set_language"),
    # Of allauth's routes only these four: there is no sign-up, e-mail or reset by e-mail.
    path("login/", log_in, name="account_login"),
    path("logout/", account_views.logout, name="account_logout"),
    path("account/password/", account_views.password_change, name="account_change_password"),
    path("account/password-again/", account_views.reauthenticate, name="account_reauthenticate"),
    path("api/", include("dropout.api_urls")),
    path("", include("schools.urls")),
    path("", include("cases.urls")),
    path("", include("reports.urls")),
]
