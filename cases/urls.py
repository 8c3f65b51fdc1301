"""Routes of the case pages (namespace `cases`)."""

from django.urls import path

from cases.views import files, work

app_name = "cases"
urlpatterns = [
    path("", files.queue, name="queue"),
    path("search/", files.search, name="search"),
    path("cases/", files.case_list, name="case_list"),
    path("cases/assign/", work.assign_many, name="assign_many"),
    path("cases/<str:number>/", files.case_detail, name="case_detail"),
    path("cases/<str:number>/visits/new/", work.visit_new, name="visit_new"),
    path("cases/<str:number>/enrolment/", work.enrolment_new, name="enrolment_new"),
    path("cases/<str:number>/assign/", work.assign, name="assign"),
    path("cases/<str:number>/teacher/", work.name_teacher, name="name_teacher"),
    path("cases/<str:number>/photos/<int:photo_id>/", files.photo, name="photo"),
]
