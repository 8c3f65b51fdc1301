"""Routes of the import pages; included under the namespace `cases`."""

from django.urls import path

from cases.intake import views

urlpatterns = [
    path("imports/", views.import_list, name="import_list"),
    path("imports/new/", views.import_new, name="import_new"),
    path("imports/template/", views.import_template, name="import_template"),
    path("imports/<int:job_id>/", views.import_detail, name="import_detail"),
    path("imports/<int:job_id>/progress/", views.import_progress, name="import_progress"),
    path("imports/<int:job_id>/commit/", views.import_commit, name="import_commit"),
    path("imports/<int:job_id>/columns/", views.import_map, name="import_map"),
    path("imports/<int:job_id>/cancel/", views.import_cancel, name="import_cancel"),
    path("imports/<int:job_id>/files/<slug:role>/", views.import_file, name="import_file"),
]
