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
    dependencies = [("followup", "0030_subscriptions")]

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
        migrations.CreateModel(
            name="PublishedRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agency_id", models.BigIntegerField()),
                ("attempt", models.PositiveSmallIntegerField()),
                ("number", models.CharField(max_length=60)),
                ("sent_on", models.DateField()),
                ("answer_by", models.DateField(null=True)),
                ("answered_on", models.DateField(null=True)),
                ("explanation", models.TextField(blank=True)),
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
                "verbose_name": "หนังสือและอีเมลของฉบับที่เผยแพร่",
                "verbose_name_plural": "หนังสือและอีเมลของฉบับที่เผยแพร่",
                "ordering": ["agency_id", "attempt", "sent_on"],
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "agency_id", "attempt", "sent_on"),
                        name="published_request_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("attempt", 0), ("number", "")),
                            models.Q(("attempt__gt", 0), models.Q(("number", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="published_request_letter_has_number",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="publishedline",
            name="reported_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="letter",
            name="explanation",
            field=models.TextField(blank=True, default="", verbose_name="คำชี้แจงในหนังสือตอบ"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="historicalletter",
            name="explanation",
            field=models.TextField(blank=True, default="", verbose_name="คำชี้แจงในหนังสือตอบ"),
            preserve_default=False,
        ),
        migrations.RunPython(write_again, migrations.RunPython.noop),
    ]
