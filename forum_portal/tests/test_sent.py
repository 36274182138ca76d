"""What is done once an answer is sent is done once, whatever the answer is."""

from io import BytesIO
from typing import Any
from wsgiref.util import FileWrapper

import pytest

from forum_portal.sent import when_closed


class Refuses:
    """A body whose own end fails."""

    def __iter__(self):
        return iter([b"text"])

    def close(self):
        raise OSError("gone")


@pytest.mark.parametrize("body", [[b"text"], FileWrapper(BytesIO(b"text"))], ids=["list", "file"])
def test_it_is_done_at_the_end_and_not_before(body):
    done = []
    answer: Any = when_closed(body, lambda: done.append(1))
    assert b"".join(answer) == b"text"
    assert done == []
    answer.close()
    assert done == [1]


def test_a_servers_own_file_wrapper_stays_one():
    """It sends that faster than anything else, and closes the file."""
    file = BytesIO(b"text")
    body = FileWrapper(file)
    answer: Any = when_closed(body, lambda: None)
    assert answer is body
    answer.close()
    assert file.closed


def test_it_is_done_where_the_end_of_the_body_fails():
    done = []
    answer: Any = when_closed(Refuses(), lambda: done.append(1))
    with pytest.raises(OSError, match="gone"):
        answer.close()
    assert done == [1]
