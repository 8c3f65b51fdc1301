"""Routes of reports (namespace `reports`)."""

from django.urls import include, path

app_name = "reports"
urlpatterns = [
    path("", include("reports.export_urls")),
]
