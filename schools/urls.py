"""Routes about people: one's account, who looked, the privacy notice."""

from django.urls import path

from schools import job_pages, views

app_name = "schools"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("audit/", views.audit_list, name="audit_list"),
    path("jobs/<int:job_id>/fragment/", job_pages.job, name="job"),
    path("jobs/<int:job_id>/cancel/", job_pages.job_cancel, name="job_cancel"),
    path("privacy/", views.privacy, name="privacy"),
]
