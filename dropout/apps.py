"""The wiring's own application: registers the checks that look at the whole installation."""

import gc

from django.apps import AppConfig


class DropoutConfig(AppConfig):
    name = "dropout"
    verbose_name = "พาน้องกลับมาเรียน"

    def ready(self):
        from dropout import checks  # noqa: F401 - importing registers them

        gc.freeze()  # what the program is made of is never garbage: looking through it again doubles a long pass
