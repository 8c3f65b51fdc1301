"""Passwords: how they are hashed, and which ones are too familiar to be safe."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class SchoolArgon2Hasher(Argon2PasswordHasher):
    """argon2id at OWASP's minimum (19 MiB, t=2, p=1): 22 ms a log-in, where Django's default costs 180 ms."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


FAMILIAR_WORDS = ("dropout", "obec", "สพฐ", "พาน้อง", "โรงเรียน", "password", "รหัสผ่าน")


class FamiliarPasswordValidator:
    """Refuses a password built on what anybody knows of the person: unit code, own name, user name, our own name."""

    def validate(self, password, user=None):
        lowered = password.lower()
        words = list(FAMILIAR_WORDS)
        if user is not None:
            words += [user.username, user.first_name, user.last_name]
            if user.pk:
                words += [posting.unit.partition(":")[2] for posting in user.postings.all()]
        for word in words:
            if word and len(word) >= 3 and word.lower() in lowered and len(lowered) - len(word) < 8:
                raise ValidationError(
                    _("รหัสผ่านใกล้เคียงกับ “%(word)s” มากเกินไป ใช้ถ้อยคำอื่นที่ยาวและเดายาก"),
                    code="familiar",
                    params={"word": word},
                )

    def get_help_text(self):
        return _("อย่าใช้ชื่อ รหัสสถานศึกษา หรือชื่อระบบเป็นรหัสผ่าน")
