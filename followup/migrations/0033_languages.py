from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0032_search"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="renderedreport",
            name="rendered_report_once",
        ),
        migrations.AddField(
            model_name="renderedreport",
            name="language",
            field=models.CharField(
                choices=[("th", "ไทย"), ("en", "English")],
                default="th",
                max_length=2,
                verbose_name="ภาษา",
            ),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="language",
            field=models.CharField(
                choices=[("th", "ไทย"), ("en", "English")],
                default="th",
                max_length=2,
                verbose_name="ภาษา",
            ),
        ),
        migrations.AddConstraint(
            model_name="renderedreport",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "kind", "language", "part", "page"), name="rendered_report_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="renderedreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["th", "en"])),
                name="rendered_report_language_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["th", "en"])), name="subscriber_language_known"
            ),
        ),
    ]
