"""The verb by which a person has a failed job run once more."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from followup import jobs, permissions
from followup.actions.base import Refused, action, require
from followup.history import note_write
from followup.models import RecordEntry, User


@action
def run_job_again(*, job: UUID, by: User) -> DBTaskResult:
    """Queue a failed job again. Raises `Refused` if it is gone, not failed, or not to be run by hand."""
    require(permissions.may_administer(by))
    stored = DBTaskResult.objects.filter(pk=job).first()
    if stored is None:
        raise Refused(_("งานนี้ไม่มีแล้ว เพราะพ้นกำหนดเก็บ"))
    if not jobs.may_be_run_again(stored) or not jobs.run_again(stored):
        raise Refused(
            _("งานนี้สั่งทำอีกครั้งไม่ได้ เพราะไม่ได้อยู่ในสถานะไม่สำเร็จแล้ว หรือเป็นงานที่สั่งจากหน้าของงานเอง")
        )
    note_write(RecordEntry.Act.CHANGED, DBTaskResult, {stored.pk: {"job": jobs.kind_of(stored)}})
    return stored
