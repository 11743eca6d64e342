"""When an upload that never waits looks at its peer."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

import pytest

import sojourn
from sojourn.shared.looks import LOOK_BYTES, LOOK_SECONDS, Looks
from sojourn.sync import stream as sync_stream
from tests.servers.scripted import response as answer
from tests.servers.steps import Expect, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import ScriptedServer

PIECE: Final = b"sojourn." * 8192
TOO_LARGE: Final = answer(413, ("Connection", "close"), content=b"too large")


def test_the_first_piece_is_looked_before() -> None:
    assert Looks().due(1, now=7.0)


def test_it_is_looked_again_once_a_mebibyte_has_gone_out() -> None:
    looks = Looks()
    looks.looked(7.0)
    assert not looks.due(LOOK_BYTES, now=7.0)
    assert looks.due(1, now=7.0)
    looks.looked(7.0)
    assert not looks.due(1, now=7.0)


def test_it_is_looked_again_once_a_millisecond_has_passed() -> None:
    looks = Looks()
    looks.looked(7.0)
    assert not looks.due(1, now=7.0)
    assert looks.due(1, now=7.0 + 2 * LOOK_SECONDS)


@pytest.mark.parametrize("declared", [False, True])
def test_an_answer_that_has_come_is_seen_before_another_mebibyte_has_gone_out(
    scripted: Callable[..., ScriptedServer], *, declared: bool
) -> None:
    """The iterator gives as fast as it can, from the moment that the answer is there."""
    server = scripted([Expect(PIECE), Send(TOO_LARGE), WaitClosed()])
    streams: list[sync_stream.Stream] = []
    made = sync_stream.Stream.__init__
    after = 0

    def pieces() -> Iterator[bytes]:
        nonlocal after
        yield PIECE
        while streams[0].is_quiet():
            pass
        for after in count(1):  # noqa: B007 - it is looked at when all is over
            yield PIECE

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            sync_stream.Stream,
            "__init__",
            lambda self, connected: (streams.append(self), made(self, connected))[1],
        )
        with sojourn.Session() as session:
            fields = {"Content-Length": str(1 << 40)} if declared else {}
            response = session.post(server.url(), data=pieces(), headers=fields)
    assert response.status_code == 413
    assert after <= LOOK_BYTES // len(PIECE) + 1
