"""What the queue of jobs lacks (see `followup.jobs`): which workers live, and what was due today."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobWorker(models.Model):
    """A process that runs jobs. `alive_at` is its last sign of life; it removes its row when it ends."""

    name = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField(_("เริ่มเมื่อ"))
    alive_at = models.DateTimeField(_("สัญญาณล่าสุด"))

    class Meta:
        verbose_name = _("โปรแกรมทำงานเบื้องหลัง")
        verbose_name_plural = _("โปรแกรมทำงานเบื้องหลัง")

    def __str__(self) -> str:
        return self.name


class DailyDuty(models.Model):
    """That the daily work of this kind was queued on this day, so that it is queued once."""

    kind = models.CharField(max_length=40)
    day = models.DateField()

    class Meta:
        verbose_name = _("งานประจำวัน")
        verbose_name_plural = _("งานประจำวัน")
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="daily_duty_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"
