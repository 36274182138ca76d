"""People who follow by e-mail, as the verbs and the links of their mails make them."""

import re

from django.core import mail

from followup import actions
from followup.actions import Choice
from followup.models import Agency, Province, Subscriber
from proposals.models import Resolution

EMAIL = "nok@example.org"
WHOLE = Choice(everything=True)


def resolution(number: int, year: int = 2565) -> Resolution:
    return Resolution.objects.select_related("forum").get(forum__year_be=year, number=number)


def of_resolutions(*numbers: int) -> Choice:
    return Choice(resolutions=[resolution(number) for number in numbers])


def of_agency(code: str) -> Choice:
    return Choice(agencies=[Agency.objects.get(code=code)])


def of_province(iso: str) -> Choice:
    return Choice(provinces=[Province.objects.get(iso=iso)])


def asked(choice: Choice = WHOLE, email: str = EMAIL) -> Subscriber:
    return actions.ask_to_follow(email=email, choice=choice)


def subscribed(choice: Choice = WHOLE, email: str = EMAIL) -> Subscriber:
    """Somebody who has confirmed."""
    return actions.confirm_following(subscriber=asked(choice, email))


def followed(subscriber: Subscriber) -> list[str]:
    """The codes of what a subscriber follows."""
    rows = subscriber.followings.select_related("resolution__forum", "agency", "province")
    codes = [
        (each.resolution and each.resolution.full_code)
        or (each.agency and each.agency.code)
        or (each.province and each.province.iso)
        or ""
        for each in rows
    ]
    return (["all"] if subscriber.follows_all else []) + sorted(codes)


def link_in(kind: str, number: int = -1) -> str:
    """The path of a link in a mail that was sent: `confirm`, `change` or `leave`."""
    found = re.search(rf"https?://[^/\s]+(/follow/{kind}/\S+/)", str(mail.outbox[number].body))
    assert found, kind
    return found[1]
