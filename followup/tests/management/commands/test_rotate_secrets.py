"""The command that lets an earlier key leave SECRET_KEY_FALLBACKS."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from followup.models import RecordEntry


def test_it_says_what_it_did(enrolled, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    for done, same in ((1, 0), (0, 1)):
        out = StringIO()
        call_command("rotate_secrets", stdout=out)
        assert out.getvalue() == (
            f"เข้ารหัสใหม่ {done} รายการ เป็นกุญแจปัจจุบันอยู่แล้ว {same} รายการ · "
            f"Encrypted anew: {done}; under the current key already: {same}\n"
        )
    row = Authenticator.objects.get()
    entry = RecordEntry.objects.get(model="mfa.authenticator")
    assert (entry.act, entry.key, entry.about) == ("changed", str(row.pk), {"fields": ["data"]})


def test_a_lost_key_is_told_with_what_to_do(enrolled, settings):
    settings.SECRET_KEY = "n" * 60
    with pytest.raises(CommandError) as error:
        call_command("rotate_secrets")
    thai, english = str(error.value).split(" · ")
    assert thai.startswith("ยังไม่ได้เข้ารหัสใหม่: กุญแจที่มีเปิดความลับของบัญชีรหัส ")
    assert english == (
        f"Nothing was changed: no key opens the secrets of the users {enrolled.pk}. Add the earlier key "
        "to SECRET_KEY_FALLBACKS, or remove the second factor of these accounts."
    )
