"""manage.py document_actions: writes docs/actions.md anew."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from dropout.action_table import action_table

PAGE = Path(settings.BASE_DIR) / "docs" / "actions.md"


class Command(BaseCommand):
    help = "Write docs/actions.md: every action, for every role, in every stage."

    def handle(self, *args, **options):
        with override("th"):
            PAGE.write_text(action_table(), encoding="utf-8")
        self.stdout.write(str(PAGE.relative_to(settings.BASE_DIR)))
