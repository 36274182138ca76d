"""Letters to an agency, as tests send them."""

from followup import actions


def change(letter, by, **values):
    names = ("number", "sent_on", "answer_by", "answered_on", "note")
    now = {name: getattr(letter, name) for name in names} | values
    return actions.correct_letter(letter=letter, by=by, **now)
