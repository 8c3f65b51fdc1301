"""Routes about people: one's account, those one administers, who looked, the privacy notice."""

from django.urls import path

from schools import job_pages, people_pages, people_upload_pages, views

app_name = "schools"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("audit/", views.audit_list, name="audit_list"),
    path("jobs/<int:job_id>/fragment/", job_pages.job, name="job"),
    path("jobs/<int:job_id>/cancel/", job_pages.job_cancel, name="job_cancel"),
    path("people/", people_pages.people_list, name="people_list"),
    path("people/new/", people_pages.person_new, name="person_new"),
    path("people/links/", people_pages.invitation_new, name="invitation_new"),
    path("people/confirm/", people_pages.posting_confirm, name="posting_confirm"),
    path("people/uploads/new/", people_upload_pages.people_upload_new, name="people_upload_new"),
    path("people/uploads/template/", people_upload_pages.people_upload_template, name="people_upload_template"),
    path("people/uploads/<int:job_id>/", people_upload_pages.people_upload, name="people_upload"),
    path("people/uploads/<int:job_id>/commit/", people_upload_pages.people_upload_commit, name="people_upload_commit"),
    path("people/uploads/<int:job_id>/links/", people_upload_pages.people_upload_links, name="people_upload_links"),
    path("postings/<int:posting_id>/", people_pages.posting_detail, name="posting_detail"),
    path("postings/<int:posting_id>/change/", people_pages.posting_change, name="posting_change"),
    path("postings/<int:posting_id>/end/", people_pages.posting_end, name="posting_end"),
    path("invitations/<str:token>/", people_pages.invitation, name="invitation"),
    path("privacy/", views.privacy, name="privacy"),
]
