"""A record of writes without history; tables of the record refuse UPDATE and DELETE."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from followup import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection.alias)


def uninstall(apps, schema_editor):
    append_only.uninstall(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0013_web_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="DoorPass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table_name", models.CharField(max_length=100)),
                ("row_key", models.CharField(max_length=40)),
                ("act", models.CharField(max_length=10)),
            ],
            options={
                "verbose_name": "แถวที่ผ่านประตู",
                "verbose_name_plural": "แถวที่ผ่านประตู",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="OpenDoor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act", models.CharField(max_length=20)),
                ("subject", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "verbose_name": "ประตูที่เปิดอยู่",
                "verbose_name_plural": "ประตูที่เปิดอยู่",
                "default_permissions": (),
            },
        ),
        migrations.AlterField(
            model_name="agencylink",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="links",
                to="followup.agency",
                verbose_name="หน่วยงาน",
            ),
        ),
        migrations.CreateModel(
            name="RecordEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("batch", models.UUIDField(db_index=True, editable=False, null=True)),
                ("via", models.CharField(blank=True, editable=False, max_length=100)),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="เมื่อ"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("added", "เพิ่ม"),
                            ("changed", "แก้ไข"),
                            ("removed", "ลบ"),
                            ("issued", "ออก"),
                            ("revoked", "ยกเลิก"),
                            ("handed_over", "ส่งต่อ"),
                            ("factor_reset", "ล้างการยืนยันตัวตนสองขั้น"),
                            ("erased", "ลบข้อมูลส่วนบุคคล"),
                            ("demo_removed", "ลบข้อมูลตัวอย่าง"),
                        ],
                        max_length=20,
                        verbose_name="การกระทำ",
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=60, verbose_name="ตาราง")),
                ("key", models.CharField(blank=True, max_length=40, verbose_name="รหัส")),
                ("about", models.JSONField(blank=True, default=dict, verbose_name="รายละเอียด")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ผู้ทำ",
                    ),
                ),
            ],
            options={
                "verbose_name": "บันทึกการกระทำ",
                "verbose_name_plural": "บันทึกการกระทำ",
                "ordering": ["-at", "-pk"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["at"], name="record_entry_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "act__in",
                                [
                                    "added",
                                    "changed",
                                    "removed",
                                    "issued",
                                    "revoked",
                                    "handed_over",
                                    "factor_reset",
                                    "erased",
                                    "demo_removed",
                                ],
                            )
                        ),
                        name="record_entry_act_known",
                    )
                ],
            },
        ),
        migrations.RunPython(install, uninstall),
    ]
