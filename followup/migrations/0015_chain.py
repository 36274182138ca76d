"""A chain of hashes over the record; it is begun after the migration, over all rows there are."""

from django.db import migrations, models

from followup import append_only


def install(apps, schema_editor):
    append_only.install(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0014_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChainEntry",
            fields=[
                (
                    "number",
                    models.PositiveBigIntegerField(
                        primary_key=True, serialize=False, verbose_name="ลำดับ"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="เมื่อ")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("begin", "เริ่มโซ่"),
                            ("batch", "ชุดการเขียน"),
                            ("row", "แถวเดี่ยว"),
                            ("edition", "ฉบับที่เผยแพร่"),
                            ("door", "ผ่านประตู"),
                        ],
                        max_length=10,
                        verbose_name="ชนิด",
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=100, verbose_name="รหัส")),
                ("content", models.TextField(editable=False)),
                ("previous", models.CharField(blank=True, max_length=64, verbose_name="แฮชก่อนหน้า")),
                ("hash", models.CharField(max_length=64, verbose_name="แฮช")),
            ],
            options={
                "verbose_name": "โซ่ของบันทึก",
                "verbose_name_plural": "โซ่ของบันทึก",
                "ordering": ["-number"],
                "default_permissions": ("view",),
            },
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
