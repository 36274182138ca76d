from datetime import UTC, datetime

import django.db.models.deletion
from django.db import migrations, models


def write_again(apps, schema_editor):
    """Have the rows of every edition made again (`published.write_missing`), with their provinces.

    They are made of the editions' contents, which stay. Incomplete rows of long ago are replaced.
    """
    editions = apps.get_model("followup", "PublishedEdition").objects
    editions.using(schema_editor.connection.alias).update(
        ready_at=None, begun_at=datetime(2000, 1, 1, tzinfo=UTC)
    )


class Migration(migrations.Migration):
    dependencies = [("followup", "0027_report_pages")]

    operations = [
        migrations.CreateModel(
            name="PublishedPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line_position", models.PositiveIntegerField()),
                ("province_code", models.CharField(max_length=2)),
                ("named", models.PositiveIntegerField()),
                ("measure_id", models.BigIntegerField()),
                ("agency_id", models.BigIntegerField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="followup.publishededition",
                    ),
                ),
            ],
            options={
                "verbose_name": "จังหวัดในรายงานของฉบับที่เผยแพร่",
                "verbose_name_plural": "จังหวัดในรายงานของฉบับที่เผยแพร่",
                "ordering": ["line_position", "province_code"],
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "province_code", "line_position"),
                        name="published_place_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("named__gte", 1)), name="published_place_named"
                    ),
                ],
            },
        ),
        migrations.RunPython(write_again, migrations.RunPython.noop),
    ]
