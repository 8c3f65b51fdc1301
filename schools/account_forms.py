"""The three forms of an account: log in, change the password, give the password again."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from django.utils.translation import gettext_lazy as _

_PLAIN = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


def _label(form, **labels) -> None:
    """Labels instead of placeholders: a placeholder is gone as soon as one types."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)
        form.fields[name].error_messages["required"] = _("กรุณากรอกช่องนี้")


class LogInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, login=_("ชื่อผู้ใช้"), password=_("รหัสผ่าน"))
        self.fields["login"].widget.attrs.update(_PLAIN)
        self.fields["password"].help_text = ""


class NewPasswordForm(ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, oldpassword=_("รหัสผ่านปัจจุบัน"), password1=_("รหัสผ่านใหม่"), password2=_("รหัสผ่านใหม่อีกครั้ง"))
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = _(
            "อย่างน้อย 12 ตัวอักษร ใช้คำหลายคำต่อกันได้ วางจากโปรแกรมจัดการรหัสผ่านได้ ไม่ต้องมีเครื่องหมายพิเศษ"
        )

    def clean_oldpassword(self) -> str:
        """The present password, counted and delayed like a log-in: an open session is no place to guess it."""
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def clean(self):
        cleaned = super().clean()
        if "password1" in cleaned and cleaned["password1"] == cleaned.get("oldpassword"):
            self.add_error("password1", _("รหัสผ่านใหม่ต้องต่างจากรหัสผ่านปัจจุบัน"))
        return cleaned


class PasswordAgainForm(ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, password=_("รหัสผ่านของท่าน"))
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["autofocus"] = True
