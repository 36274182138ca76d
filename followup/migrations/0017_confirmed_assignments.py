"""The meeting that confirmed an assignment.

A row that was confirmed before has no meeting: a spreadsheet said so, without naming one.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0016_erased_people"),
        ("proposals", "0002_many_forums"),
    ]

    operations = [
        *(
            migrations.AddField(model_name=table, name=name, field=field)
            for table in ("assignment", "historicalassignment")
            for name, field in (
                (
                    "confirmed_ref",
                    models.CharField(blank=True, max_length=40, verbose_name="ยืนยันตามมติ คสป. ครั้งที่"),
                ),
                (
                    "confirmed_on",
                    models.DateField(blank=True, null=True, verbose_name="วันที่มีมติยืนยัน"),
                ),
            )
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(confirmed_on__isnull=True, confirmed_ref="")
                | (
                    models.Q(basis="confirmed", confirmed_on__isnull=False)
                    & ~models.Q(confirmed_ref="")
                ),
                name="assignment_meeting_of_confirmed",
                violation_error_message="ระบุครั้งที่และวันที่ของมติให้ครบทั้งคู่ และเฉพาะที่ คสป. ยืนยันแล้ว ที่ยังรอยืนยันให้เว้นว่าง",
            ),
        ),
    ]
