"""Users: the people who sign in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member of the secretariat, a reviewer or an administrator.

    Their name never appears on a public page.
    """

    display_name = models.CharField(
        _("ชื่อที่แสดง"), max_length=150, help_text=_("แสดงแก่เพื่อนร่วมงานเท่านั้น ไม่แสดงบนเว็บสาธารณะ")
    )
    must_change_password = models.BooleanField(
        _("ต้องตั้งรหัสผ่านเอง"),
        default=False,
        editable=False,
        help_text=_("ผู้ดูแลระบบเป็นผู้ตั้งรหัสผ่านปัจจุบัน"),
    )
    #: Noted by `followup.retention`, whoever made the account inactive.
    inactive_since = models.DateTimeField(_("ปิดบัญชีเมื่อ"), null=True, editable=False)
    #: The row then stands for somebody without a name, see `actions.erase_person`.
    erased_at = models.DateTimeField(_("ลบข้อมูลส่วนบุคคลเมื่อ"), null=True, editable=False)
    is_demo = models.BooleanField(_("บัญชีตัวอย่าง"), default=False, editable=False)

    class Meta:
        verbose_name = _("ผู้ใช้")
        verbose_name_plural = _("ผู้ใช้")

    def __str__(self) -> str:
        return self.display_name or self.username
