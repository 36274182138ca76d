"""Add the agency that gave a piece of evidence through its link, as a foreign key.

Until now only the agency's name in the history recorded that, so an agency lost sight of its own
internal evidence when its name was corrected.
"""

import django.db.models.deletion
from django.db import migrations, models


def name_the_givers(apps, schema_editor):
    """Evidence added through a link came from the report's agency: a link has access to no other."""
    Evidence = apps.get_model("followup", "Evidence")
    added = apps.get_model("followup", "HistoricalEvidence").objects.filter(history_type="+")
    through_link = added.exclude(via="").values_list("id", flat=True)
    for piece in Evidence.objects.filter(id__in=through_link).select_related("report__assignment"):
        piece.given_by_id = piece.report.assignment.agency_id
        piece.save(update_fields=["given_by"])


class Migration(migrations.Migration):
    dependencies = [("followup", "0008_imports_of_several_files")]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="given_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="followup.agency",
                verbose_name="หน่วยงานที่ให้ผ่านลิงก์",
            ),
        ),
        migrations.AddField(
            model_name="historicalevidence",
            name="given_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="followup.agency",
                verbose_name="หน่วยงานที่ให้ผ่านลิงก์",
            ),
        ),
        migrations.RunPython(name_the_givers, migrations.RunPython.noop),
    ]
