"""Form of cases.notfound."""

from django.utils.translation import gettext_lazy as _

from cases import notfound
from cases.deeds import Deed
from cases.deeds.closing import EvidenceForm

DEEDS = {
    "request_not_found": Deed(
        EvidenceForm,
        notfound.request_not_found,
        _("ส่งคำขอแล้ว รอผู้อนุมัติระดับถัดไป"),
        _("เมื่ออนุมัติแล้ว ขั้นต่อไปคือส่งต่อภาคีเครือข่าย ถ้าเด็กปรากฏในบัญชี การติดตาม หรือการเข้าเรียน แฟ้มจะเปิดเอง"),
    ),
}
