"""The forum, its people and an open round, as the tests of `followup` have them."""

from followup.tests.conftest import (
    empty_storage,
    forum_fixture,
    open_round_fixture,
    people_fixture,
)

__all__ = ["empty_storage", "forum_fixture", "open_round_fixture", "people_fixture"]
