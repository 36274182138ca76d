"""Agencies change: an assignment continues another one, a report is withdrawn, two records are merged.

An assignment may end in the year before its first: it was replaced before it was ever in force.
"""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0020_groups"),
        ("proposals", "0002_many_forums"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="assignment",
            name="assignment_ends_after_start",
        ),
        migrations.RemoveConstraint(
            model_name="statusreport",
            name="report_state_known",
        ),
        migrations.AddField(
            model_name="agency",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="duplicates",
                to="followup.agency",
                verbose_name="รวมเข้ากับหน่วยงาน",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="predecessor",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="continued_by",
                to="followup.assignment",
                verbose_name="รับช่วงจากการมอบหมาย",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="replaced_reason",
            field=models.TextField(blank=True, editable=False, verbose_name="เหตุผลที่เปลี่ยนหน่วยงาน"),
        ),
        migrations.AddField(
            model_name="historicalassignment",
            name="predecessor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="followup.assignment",
                verbose_name="รับช่วงจากการมอบหมาย",
            ),
        ),
        migrations.AddField(
            model_name="historicalassignment",
            name="replaced_reason",
            field=models.TextField(blank=True, editable=False, verbose_name="เหตุผลที่เปลี่ยนหน่วยงาน"),
        ),
        migrations.AddField(
            model_name="historicalstatusreport",
            name="withdrawn_reason",
            field=models.TextField(
                blank=True,
                help_text="แสดงต่อสาธารณะ หากรอบเคยเผยแพร่แล้ว",
                verbose_name="เหตุผลที่ถอนออกจากรอบ",
            ),
        ),
        migrations.AddField(
            model_name="statusreport",
            name="withdrawn_reason",
            field=models.TextField(
                blank=True,
                help_text="แสดงต่อสาธารณะ หากรอบเคยเผยแพร่แล้ว",
                verbose_name="เหตุผลที่ถอนออกจากรอบ",
            ),
        ),
        migrations.AlterField(
            model_name="historicalstatusreport",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "ฉบับร่าง"),
                    ("submitted", "ส่งตรวจ"),
                    ("returned", "ส่งกลับแก้ไข"),
                    ("approved", "รับรองแล้ว"),
                    ("withdrawn", "ถอนออกจากรอบ"),
                ],
                default="draft",
                max_length=10,
                verbose_name="ขั้นตอน",
            ),
        ),
        migrations.AlterField(
            model_name="statusreport",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "ฉบับร่าง"),
                    ("submitted", "ส่งตรวจ"),
                    ("returned", "ส่งกลับแก้ไข"),
                    ("approved", "รับรองแล้ว"),
                    ("withdrawn", "ถอนออกจากรอบ"),
                ],
                default="draft",
                max_length=10,
                verbose_name="ขั้นตอน",
            ),
        ),
        migrations.AddConstraint(
            model_name="agency",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="agency_not_merged_into_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True),
                    models.Q(
                        (
                            "valid_to__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("valid_from"), "-", models.Value(1)
                            ),
                        ),
                        ("valid_to__lte", 2599),
                    ),
                    _connector="OR",
                ),
                name="assignment_ends_after_start",
                violation_error_message="ปีสุดท้ายต้องไม่ก่อนปีแรก และไม่เกิน พ.ศ. 2599",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("predecessor__isnull", True),
                    models.Q(("predecessor", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="assignment_not_its_own_predecessor",
            ),
        ),
        migrations.AddConstraint(
            model_name="statusreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "submitted", "returned", "approved", "withdrawn"])
                ),
                name="report_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="statusreport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "withdrawn"), _negated=True),
                    models.Q(("withdrawn_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="report_withdrawn_has_reason",
            ),
        ),
    ]
