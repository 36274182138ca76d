"""Since when an account is inactive, and when its person was erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0015_chain"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="inactive_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="ปิดบัญชีเมื่อ"),
        ),
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="ลบข้อมูลส่วนบุคคลเมื่อ"),
        ),
    ]
