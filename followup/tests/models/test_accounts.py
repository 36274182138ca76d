"""Who signs in, by the name that colleagues see."""

from followup.models import User


def test_a_person_is_called_by_their_display_name_or_else_their_login():
    assert str(User(username="somsri", display_name="คุณสมศรี")) == "คุณสมศรี"
    assert str(User(username="somsri")) == "somsri"
