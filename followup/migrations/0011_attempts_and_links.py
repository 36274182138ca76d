"""Count the attempts of an import; note who opened an agency's link, and what was submitted through it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def note_the_link(apps, schema_editor):
    """Reports that wait after a submission by link get that link, from the record of its use."""
    reports = apps.get_model("followup", "StatusReport").objects.filter(
        submitted_by=None, submitted_at__isnull=False
    )
    uses = apps.get_model("followup", "LinkUse").objects.filter(act="submitted")
    for use in uses.exclude(report=None).order_by("at", "pk"):
        reports.filter(pk=use.report_id).update(submitted_link=use.link_id)


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0010_beneficiaries"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalstatusreport",
            name="submitted_link",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="followup.agencylink",
            ),
        ),
        migrations.AddField(
            model_name="linkuse",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="ผู้ใช้",
            ),
        ),
        migrations.AddField(
            model_name="printjob",
            name="alive_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="spreadsheetimport",
            name="attempt",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="statusreport",
            name="submitted_link",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="followup.agencylink",
            ),
        ),
        migrations.AlterField(
            model_name="linkuse",
            name="act",
            field=models.CharField(
                choices=[
                    ("opened", "เปิดดู"),
                    ("previewed", "เปิดดูขณะเข้าสู่ระบบ"),
                    ("saved", "บันทึกร่าง"),
                    ("submitted", "ส่งรายงาน"),
                    ("replied", "ชี้แจงผลประเมิน"),
                ],
                max_length=10,
                verbose_name="การใช้",
            ),
        ),
        migrations.RunPython(note_the_link, migrations.RunPython.noop, elidable=True),
    ]
