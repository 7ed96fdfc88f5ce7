"""Answers as the race reads them."""

import pytest

from tests.race.wire import read


def test_an_answer():
    """Status, payload, cookies as they are sent again, and whether to try again."""
    answer = read(
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 21\r\nRetry-After: 1\r\n"
        b"Set-Cookie: sessionid=abc; HttpOnly; Path=/\r\n\r\n"
        b'{"ocs": {"data": [] }}'
    )
    assert answer is not None
    assert (answer.status, answer.data, answer.retry_after) == (503, [], True)
    assert answer.cookies == {"sessionid": "abc"}


@pytest.mark.parametrize(
    "cut",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-le", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"],
)
def test_an_answer_that_was_cut_off(cut):
    """The server died while it spoke."""
    assert read(cut) is None
