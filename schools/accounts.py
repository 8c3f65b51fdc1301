"""Letting people in and out: the adapter by which django-allauth does it, each act with its audit event.

An unknown name, a wrong password, a disabled account and a demo person without DEMO=1 get the same answer (AN-06).
"""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from schools import audit, login_delay
from schools.models import Person

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """allauth's doings in our words, with our delay and our audit trail."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง ตรวจแป้นพิมพ์ไทย/อังกฤษ แล้วลองอีกครั้ง"),
        "incorrect_password": gettext_lazy("รหัสผ่านไม่ถูกต้อง"),
        "enter_current_password": gettext_lazy("รหัสผ่านปัจจุบันไม่ถูกต้อง"),
        "rate_limited": gettext_lazy("ส่งคำขอถี่เกินไป รอสักครู่แล้วลองใหม่"),
    }

    def is_open_for_signup(self, request) -> bool:
        """Accounts are made by a unit's administrator."""
        return False

    def pre_authenticate(self, request, **credentials) -> None:
        try:
            login_delay.begin_attempt(credentials.get("username", ""))
        except login_delay.TooSoon as refusal:
            raise ValidationError(
                ngettext(
                    "ใส่รหัสผ่านผิดหลายครั้ง ลองใหม่ใน %(seconds)d วินาที",
                    "ใส่รหัสผ่านผิดหลายครั้ง ลองใหม่ใน %(seconds)d วินาที",
                    refusal.seconds,
                ),
                code="too_soon",
                params={"seconds": refusal.seconds},
            ) from refusal

    def authenticate(self, request, **credentials):
        """The person, or None. allauth's own would let a disabled account's right password be told from a wrong one."""
        self.pre_authenticate(request, **credentials)
        person = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()
        if person is None:
            self.authentication_failed(request, **credentials)
        else:
            login_delay.forget(credentials.get("username", ""))
        return person

    def authentication_failed(self, request, **credentials) -> None:
        """Recorded under the account when there is one; a name nobody has may be anything, so it is not kept."""
        person = Person.objects.filter(username__iexact=credentials.get("username", "").strip()).first()
        audit.record(audit.LOG_IN, person=person, result="refused", account=person.username if person else "unknown")

    def login(self, request, user) -> None:
        with transaction.atomic():
            super().login(request, user)
            audit.record(audit.LOG_IN, person=user)

    def logout(self, request) -> None:
        """The one act that goes on when its event cannot be written (AU-06): nobody is kept in."""
        try:
            with transaction.atomic():
                audit.record(audit.LOG_OUT, person=request.user)
        except DatabaseError:
            log.exception("A log-out could not be recorded")
        super().logout(request)

    def set_password(self, user, password: str) -> None:
        with transaction.atomic():
            user.set_password(password)
            user.must_change_password = False
            user.save(update_fields=["password", "must_change_password"])
            audit.record(audit.CHANGE_PASSWORD, person=user)

    def add_message(self, request, level, message_template=None, message_context=None, extra_tags="", message=None):
        """Of allauth's messages only the one a person needs."""
        if message_template == "account/messages/password_changed.txt":
            messages.success(request, _("เปลี่ยนรหัสผ่านแล้ว เครื่องอื่นที่เข้าสู่ระบบค้างไว้ต้องเข้าสู่ระบบใหม่"), extra_tags)

    def get_password_change_redirect_url(self, request) -> str:
        return resolve_url("schools:account")
