"""Passwords: how they are hashed, and which ones are too familiar to be safe."""

from string import digits, punctuation
from typing import NoReturn

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class SchoolArgon2Hasher(Argon2PasswordHasher):
    """argon2id at OWASP's minimum (19 MiB, t=2, p=1): 22 ms a log-in, where Django's default costs 180 ms."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


FAMILIAR_WORDS = ("dropout", "obec", "สพฐ", "พาน้อง", "โรงเรียน", "password", "รหัสผ่าน")


class FamiliarPasswordValidator:
    """Refuses what is left of a password when its guessable part is taken away: too little, or figures alone.

    Guessable is what anybody knows of the person (unit code, own name, user name), our own name and subject, and any
    common password with figures and signs hung on it (AN-03).
    """

    def __init__(self):
        self.common = CommonPasswordValidator().passwords

    def validate(self, password, user=None):
        lowered = password.casefold()
        if lowered.strip(digits + punctuation + " ") in self.common:
            self._refuse(_("รหัสผ่านที่ใช้กันทั่วไป"))
        rest, found = lowered, ""
        for word in sorted(self._words(user), key=len, reverse=True):
            if word in rest:
                rest, found = rest.replace(word, ""), found or word
        if found and (len(rest) < 8 or sum(map(str.isalpha, rest)) < 4):
            self._refuse(found)

    def _words(self, user) -> set[str]:
        words = set(FAMILIAR_WORDS)
        if user is not None:
            words |= {user.username, user.first_name, user.last_name}
            if user.pk:
                words |= {posting.unit.partition(":")[2] for posting in user.postings.all()}
        return {word.casefold() for word in words if len(word) >= 3}

    def _refuse(self, word: str) -> NoReturn:
        raise ValidationError(
            _("รหัสผ่านใกล้เคียงกับ “%(word)s” มากเกินไป ใช้ถ้อยคำอื่นที่ยาวและเดายาก"),
            code="familiar",
            params={"word": word},
        )

    def get_help_text(self):
        return _("อย่าใช้ชื่อ รหัสสถานศึกษา หรือชื่อระบบเป็นรหัสผ่าน")
