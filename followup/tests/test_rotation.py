"""A new SECRET_KEY: whatever the old one made works while it is a fallback, and not a moment longer."""

import ast
import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.contrib.messages import INFO
from django.contrib.messages.storage.base import Message
from django.core.signing import BadSignature
from django.test import RequestFactory

from followup import actions, devices, feedback
from followup.accounts import encrypted_anew
from followup.evidence import StoredFile
from followup.models import AssessorLink, Feedback
from followup.tests.assessing import invite
from followup.tests.links import path_of
from followup.tests.subscribers import asked, subscribed
from followup.tests.two_factor import code
from followup.tests.visitors import SENDER, TEXT, send
from forum_portal.import_storage import OwnTempStorage
from forum_portal.message_cookie import NamedCookieStorage
from forum_portal.tests.test_repo import APPS, ROOT, files, name

pytestmark = pytest.mark.security

NEW = "n" * 60
Check = Callable[[], bool]


@pytest.fixture
def rotated(settings):
    """Return a function: from now on there is another key, and the old one is a fallback or not."""
    old = settings.SECRET_KEY

    def rotate(keeps: bool) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [old] if keeps else []

    return rotate


def opens(call: Callable[[], object]) -> bool:
    try:
        return bool(call())
    except (BadSignature, InvalidToken):
        return False


# What is out: each function makes it with the old key, and returns how it is checked later ---------


def an_agencys_link(made) -> Check:
    link = made("issued")
    path, client = path_of(link), made("visitor")
    return lambda: client.get(path).status_code == 200


def an_organisations_link(made) -> Check:
    link: AssessorLink = invite(made("open_round"), made("people")["staff"])
    token = actions.token_of(link)
    return lambda: actions.find_assessor_link(token) == link


def a_link_that_confirms(made) -> Check:
    made("forum")
    row = asked()
    token = actions.confirm_token(row)
    return lambda: actions.find_request(token) == row


def a_subscribers_link(made) -> Check:
    made("forum")
    row = subscribed()
    token = actions.own_token(row)
    return lambda: actions.find_subscriber(token) == row and actions.is_own_token(token)


def a_phone(made) -> Check:
    made("enrolled")
    return lambda: opens(
        lambda: Authenticator.objects.get(type="totp").wrap().validate_code(code())
    )


def recovery_codes(made) -> Check:
    codes = RecoveryCodes.activate(made("people")["staff"]).generate_codes()
    stored = Authenticator.objects.filter(type="recovery_codes")
    return lambda: opens(lambda: RecoveryCodes(stored.get()).validate_code(codes[0]))


def a_session(made) -> Check:
    client = made("staff")
    assert client.get("/staff/").status_code == 200
    return lambda: client.get("/staff/").status_code == 200


def a_known_device(made) -> Check:
    made("db")
    request, response = RequestFactory().get("/"), made("visitor").get("/robots.txt")
    devices.remember(request, "Staff")
    devices.send(request, response)
    again = RequestFactory().get("/")
    again.COOKIES["device"] = response.cookies["device"].value
    return lambda: bool(devices.known(again, "staff"))


def a_message_for_the_next_page(made) -> Check:
    sent = NamedCookieStorage(RequestFactory().get("/"))._encode([Message(INFO, "บันทึกแล้ว")])
    return lambda: bool(NamedCookieStorage(RequestFactory().get("/"))._decode(sent))


def a_form_for_the_public(made) -> Check:
    sending = feedback.new_sending()
    return lambda: feedback.is_ours(sending)


def a_file_that_waits_in_a_form(made) -> Check:
    token = StoredFile("a" * 32, "ก.pdf", "pdf", 5, "0" * 64).token
    return lambda: opens(lambda: StoredFile.from_token(token))


def an_upload_of_the_admin(made) -> Check:
    made("settings").IMPORT_FOLDER = made("tmp_path") / "imports"
    storage = OwnTempStorage()
    storage.save(b"x")
    return lambda: opens(OwnTempStorage(name=storage.name).read)


KINDS = (
    an_agencys_link,
    an_organisations_link,
    a_link_that_confirms,
    a_subscribers_link,
    a_phone,
    recovery_codes,
    a_session,
    a_known_device,
    a_message_for_the_next_page,
    a_form_for_the_public,
    a_file_that_waits_in_a_form,
    an_upload_of_the_admin,
)


@pytest.mark.parametrize("keeps", [True, False], ids=["as a fallback", "without"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_the_old_key_made(kind, keeps, rotated, request, db):
    works = kind(request.getfixturevalue)
    rotated(keeps)
    assert works() is keeps


def test_a_message_that_is_sent_again_after_the_change_is_the_same(forum, rotated):
    sending = feedback.new_sending()
    row, key = send(sending=sending)
    rotated(True)
    assert send(sending=sending) == (row, key)
    assert Feedback.objects.count() == 1


def test_the_private_page_of_a_message_needs_no_key(forum, rotated):
    row, key = send(sender=SENDER, text=TEXT)
    rotated(False)
    assert feedback.find(row.number, key) == row


def test_a_device_that_is_signed_in_on_again_is_of_the_new_key(db, visitor, rotated):
    request, response = RequestFactory().get("/"), visitor.get("/robots.txt")
    devices.remember(request, "colleague")
    devices.send(request, response)
    request.COOKIES["device"] = response.cookies["device"].value
    devices.remember(request, "staff")
    devices.send(request, response)
    rotated(True)
    again = RequestFactory().get("/")
    again.COOKIES["device"] = response.cookies["device"].value
    devices.remember(again, "staff")
    devices.send(again, response)
    _name, people = again._device
    assert len(people) == 2, "the old mark of the same person is gone"
    last = RequestFactory().get("/")
    last.COOKIES["device"] = response.cookies["device"].value
    rotated(False)
    assert devices.known(last, "staff")


# What is stored ------------------------------------------------------------------------------------


def test_what_is_encrypted_anew_needs_the_old_key_no_more(enrolled, people, rotated):
    RecoveryCodes.activate(people["staff"])
    rotated(True)
    assert actions.encrypt_second_factors_anew() == (2, 0)
    assert actions.encrypt_second_factors_anew() == (0, 2)
    rotated(False)
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())
    assert (
        len(RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes()) == 10
    )


def test_a_secret_that_no_key_opens_stops_it_before_anything_is_written(enrolled, people, rotated):
    RecoveryCodes.activate(people["colleague"])
    rotated(True)
    Authenticator.objects.filter(type="totp").update(data={"secret": "nonsense"})
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    with pytest.raises(actions.Sealed) as error:
        actions.encrypt_second_factors_anew()
    assert error.value.users == str(people["staff"].pk)
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before


def test_used_codes_stay_used_and_codes_from_elsewhere_are_encrypted_too(people, rotated):
    codes = RecoveryCodes.activate(people["staff"])
    first = codes.generate_codes()[0]
    assert codes.validate_code(first)
    seed = codes.instance.data["seed"]
    rotated(True)
    data = encrypted_anew({"seed": seed, "used_mask": 1, "migrated_codes": [seed]})
    assert (data["used_mask"], data["seed"] != seed) == (1, True)
    assert data["migrated_codes"] != [seed]
    actions.encrypt_second_factors_anew()
    rotated(False)
    assert not RecoveryCodes(Authenticator.objects.get()).validate_code(first)


# Whatever uses the key -----------------------------------------------------------------------------

#: Modules that sign or hash with the key, each with the tests that say what a new one does to it.
USES = {
    "followup/accounts.py": "a_phone, recovery_codes",
    "followup/actions/links.py": "an_agencys_link, an_organisations_link",
    "followup/actions/subscriptions.py": "a_link_that_confirms, a_subscribers_link",
    "followup/devices.py": "a_known_device",
    "followup/evidence.py": "a_file_that_waits_in_a_form",
    "followup/feedback.py": "a_form_for_the_public",
    "followup/spreadsheets/workbook/signatures.py": "workbook/test_signatures.py",
    "followup/spreadsheets/workbook/writing.py": "workbook/test_signatures.py",
    "followup/management/commands/backup.py": "",  # its words
    "followup/management/commands/rotate_secrets.py": "",  # its words
    "forum_portal/backups/surroundings.py": "forum_portal/tests/backups/test_surroundings.py",
    "forum_portal/client.py": "",  # counters of a day, which begin anew
    "forum_portal/import_storage.py": "an_upload_of_the_admin",
    "forum_portal/keys.py": "forum_portal/tests/test_keys.py",
    "forum_portal/security_log.py": "",  # hashed addresses, of which nothing is looked up
    "forum_portal/settings.py": "",
}
_USE = re.compile(
    r"\b(Signer|signing\.(dumps|loads)|salted_hmac|hmacs|SECRET_KEY|Fernet|get_cookie_signer|make_token)\b"
)


def code_of(source: str) -> str:
    """A module without its docstrings and comments."""
    return ast.unparse(ast.parse(source))


def test_every_module_that_uses_the_key_is_known():
    found = set()
    for path in files("*.py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] not in APPS or "tests" in parts or path.name == "settings_test.py":
            continue
        if not _USE.search(path.read_text("utf-8")):
            continue
        text = re.sub(r'^\s*(""".*?"""|\'.*?\')$', "", code_of(path.read_text("utf-8")), flags=re.M)
        if _USE.search(re.sub(r'"""(.|\n)*?"""', "", text)):
            found.add(name(path))
    assert found == {*USES}
    kinds = {kind.__name__ for kind in KINDS}
    named = {
        word for words in USES.values() for word in words.split(", ") if word and "/" not in word
    }
    assert named <= kinds
