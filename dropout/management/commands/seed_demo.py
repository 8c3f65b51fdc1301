"""manage.py seed_demo [--scale small|district|nation] [--seed N]: the demo world, once."""

from django.core.management.base import BaseCommand, CommandError

from dropout.demo.world import SCALES, DemoRefused, seed


class Command(BaseCommand):
    help = "Make a believable world of fictional children. Refused unless DEMO=1."

    def add_arguments(self, parser):
        parser.add_argument("--scale", choices=sorted(SCALES), default="small")
        parser.add_argument("--seed", type=int, default=2569, help="the same seed gives the same world")

    def handle(self, *args, scale="small", **options):
        try:
            seed(scale, options["seed"], self.stdout.write if options["verbosity"] else lambda text: None)
        except DemoRefused as refusal:
            raise CommandError(f"{refusal.message_th}\n{refusal.message_en}") from refusal
