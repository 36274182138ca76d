"""Letters to an agency, as tests send them."""

from followup import actions
from followup.models import Letter
from forum_portal.stored_version import version_of


def seen(letter):
    """The version of a letter as it is stored."""
    return version_of(Letter.objects.get(pk=letter.pk), actions.LETTER_FIELDS)


def change(letter, by, **values):
    now = {name: getattr(letter, name) for name in actions.LETTER_FIELDS} | values
    return actions.correct_letter(letter=letter, by=by, seen=seen(letter), **now)


def remove(letter, by):
    actions.remove_letter(letter=letter, by=by, seen=seen(letter))
