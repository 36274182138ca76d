"""Rounds follow up a forum from a first one until its conclusion; measures remember earlier ones."""

import django.core.validators
import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def follow_from_its_year(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Until now every round followed up the forums of its year and before."""
    apps.get_model("proposals", "Forum").objects.update(followed_from=F("year_be"))


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="forum",
            name="concluded_after",
            field=models.PositiveSmallIntegerField(
                blank=True, editable=False, null=True, verbose_name="รอบสุดท้ายที่ติดตาม"
            ),
        ),
        migrations.AddField(
            model_name="forum",
            name="concluded_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="วันที่มีมติสรุป"),
        ),
        migrations.AddField(
            model_name="forum",
            name="concluded_reason",
            field=models.TextField(blank=True, editable=False, verbose_name="เหตุผลที่สรุปการติดตาม"),
        ),
        migrations.AddField(
            model_name="forum",
            name="concluded_ref",
            field=models.CharField(
                blank=True, editable=False, max_length=40, verbose_name="สรุปตามมติ คสป. ครั้งที่"
            ),
        ),
        migrations.AddField(
            model_name="forum",
            name="followed_from",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="ติดตามตั้งแต่รอบปีงบประมาณ"),
        ),
        migrations.RunPython(follow_from_its_year, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="forum",
            name="followed_from",
            field=models.PositiveSmallIntegerField(
                validators=[django.core.validators.MaxValueValidator(2599)],
                verbose_name="ติดตามตั้งแต่รอบปีงบประมาณ",
            ),
        ),
        migrations.AddField(
            model_name="measure",
            name="earlier",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="later",
                to="proposals.measure",
                verbose_name="ข้อเดิม",
            ),
        ),
        migrations.AddField(
            model_name="measure",
            name="relation",
            field=models.CharField(
                blank=True,
                choices=[("repeats", "เสนอซ้ำ"), ("continues", "ต่อเนื่อง"), ("replaces", "แทนที่")],
                max_length=10,
                verbose_name="เกี่ยวกับข้อของเวทีก่อน",
            ),
        ),
        migrations.AddConstraint(
            model_name="forum",
            constraint=models.CheckConstraint(
                condition=models.Q(("followed_from__gte", models.F("year_be"))),
                name="forum_followed_from_its_year",
                violation_error_message="รอบแรกที่ติดตามต้องไม่ก่อนปีที่จัดประชุม",
            ),
        ),
        migrations.AddConstraint(
            model_name="forum",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("concluded_after__isnull", True),
                        ("concluded_on__isnull", True),
                        ("concluded_reason", ""),
                        ("concluded_ref", ""),
                    ),
                    models.Q(
                        ("concluded_after__gte", models.F("followed_from")),
                        ("concluded_after__isnull", False),
                        ("concluded_on__isnull", False),
                        models.Q(("concluded_ref", ""), _negated=True),
                        models.Q(("concluded_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="forum_concluded_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("earlier__isnull", True), ("relation", "")),
                    models.Q(
                        ("earlier__isnull", False),
                        ("relation__in", ["repeats", "continues", "replaces"]),
                    ),
                    _connector="OR",
                ),
                name="measure_relation_with_earlier",
                violation_error_message="ระบุทั้งข้อเดิมและความเกี่ยวข้องกับข้อเดิม",
            ),
        ),
    ]
