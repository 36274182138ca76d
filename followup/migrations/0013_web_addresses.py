"""Links of evidence are validated without `user:password@`; the tables stay as they are."""

from django.db import migrations, models

import forum_portal.web_address


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0012_own_password"),
    ]

    operations = [
        migrations.AlterField(
            model_name=model,
            name="url",
            field=models.URLField(
                blank=True,
                max_length=500,
                validators=[forum_portal.web_address.WebAddress()],
                verbose_name="ลิงก์",
            ),
        )
        for model in ("evidence", "historicalevidence")
    ]
