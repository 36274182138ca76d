"""The secret key and those before it."""

from django.utils.crypto import salted_hmac

from forum_portal.keys import hmacs, keys


def test_the_current_key_comes_first(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20, "older" * 20]
    assert keys() == ["new" * 20, "old" * 20, "older" * 20]
    made = [
        salted_hmac("salt", "text", secret=key, algorithm="sha256").hexdigest() for key in keys()
    ]
    assert hmacs("salt", "text") == made
    assert len({*made}) == 3
    assert hmacs("another", "text")[0] != made[0]
