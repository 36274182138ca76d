"""The stamp of what the public reads. Its triggers are made after the migrations."""

from django.db import migrations, models

from followup.public_revision import triggers


def uninstall(apps, schema_editor):
    triggers.uninstall(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0025_staff_pages_in_sql"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicRevision",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("stamp", models.CharField(max_length=32)),
            ],
            options={
                "verbose_name": "รุ่นของข้อมูลสาธารณะ",
                "verbose_name_plural": "รุ่นของข้อมูลสาธารณะ",
                "db_table": "public_revision",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PublicTouch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "การเขียนข้อมูลสาธารณะ",
                "verbose_name_plural": "การเขียนข้อมูลสาธารณะ",
                "db_table": "public_touch",
                "default_permissions": (),
            },
        ),
        # First on the way back: the triggers write to these tables.
        migrations.RunPython(migrations.RunPython.noop, uninstall),
    ]
