"""Routes of what is taken out; included by reports.urls in its namespace."""

from django.urls import path

from reports import export_pages

urlpatterns = [
    path("exports/", export_pages.export_list, name="export_list"),
    path("exports/new/", export_pages.export_new, name="export_new"),
    path("exports/files/<int:file_id>/", export_pages.export_file, name="export_file"),
]
