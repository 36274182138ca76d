"""The words of headings and statuses, and broken Thai mended."""

from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.words import WORDS, repair
from followup.status import OF_REPORTS


def test_the_words_are_those_of_the_status_vocabulary():
    assert {code: str(label) for code, label in WORDS.statuses.items()} == {
        status.value: str(status.label) for status in OF_REPORTS
    }


@given(st.text("กงนเแๅาำํิุู็่้๊์ \u00a0\u200b\ufeff\u00ad\u2060ฤa\n\r\x00", max_size=20))
def test_mending_twice_changes_nothing_more(text):
    assert repair(repair(text)) == repair(text)
