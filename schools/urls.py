"""Routes about people: one's account, who looked, the privacy notice."""

from django.urls import path

from schools import views

app_name = "schools"
urlpatterns = [
    path("account/", views.account, name="account"),
    path("audit/", views.audit_list, name="audit_list"),
    path("privacy/", views.privacy, name="privacy"),
]
