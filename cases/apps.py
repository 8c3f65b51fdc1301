from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from cases import (
            access_log,  # noqa: F401 - says which cases' events a person may read
            people_sheets,  # noqa: F401 - registers the two jobs of a sheet of people
        )
        from cases.intake import background  # noqa: F401 - registers the two jobs of an import
