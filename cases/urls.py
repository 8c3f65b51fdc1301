"""Routes about children. A case is named by its public number; anything else is 404 before a view runs."""

from django.urls import path, register_converter

from cases import reveal_views
from cases.models.case import ALPHABET


class CaseNumber:
    """`7Q2K-M4TX`: two groups of four letters of Crockford's alphabet."""

    regex = f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseNumber, "case_number")

app_name = "cases"
urlpatterns = [
    path("cases/<case_number:number>/reveal/", reveal_views.reveal, name="reveal"),
]
