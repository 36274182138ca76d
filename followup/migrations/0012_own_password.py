"""Whether somebody's password was set by an administrator."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0011_attempts_and_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="must_change_password",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="ผู้ดูแลระบบเป็นผู้ตั้งรหัสผ่านปัจจุบัน",
                verbose_name="ต้องตั้งรหัสผ่านเอง",
            ),
        ),
    ]
