"""Routes of figures and files (namespace `reports`)."""

from django.urls import include, path

from reports import views

app_name = "reports"
urlpatterns = [
    path("dashboard/<str:unit>/", views.dashboard, name="dashboard"),
    path("figures/<str:unit>/children/", views.children, name="children"),
    path("", include("reports.export_urls")),
]
