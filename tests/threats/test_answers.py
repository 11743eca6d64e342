"""Every threat in the bytes of a response: read by both codecs, however the bytes are cut.

On the wire they are sent by one server to both bindings and to the drop-in.
"""

from __future__ import annotations

import tracemalloc
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn_core import Pool
from sojourn_core.commands import Close, Content, Fail, Finish, Head, Probe, Resolve
from tests.bindings.clients import BINDINGS, Binding
from tests.core.codecs import CODECS, speaking
from tests.core.exchanges import exchange_with, hear
from tests.servers import steps
from tests.servers.steps import Offer, ReadHead, WaitClosed

from .answers import ANSWERS, FRAMING, LARGE, REUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import ScriptedServer

    from .answers import Answer

TRIED: Final = frozenset(answer.id for answer in ANSWERS)
SMALL_MAX: Final = 300
KIB: Final = 1024


def cuts(octets: bytes) -> Iterator[list[bytes]]:
    """The bytes whole, one by one, and cut in two at every place, if they are few."""
    yield [octets]
    if len(octets) > SMALL_MAX:
        yield [octets[at : at + 1000] for at in range(0, len(octets), 1000)]
        return
    yield [octets[at : at + 1] for at in range(len(octets))]
    for at in range(1, len(octets)):
        yield [octets[:at], octets[at:]]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_it_is_read_in_one_way_however_it_is_cut(answer: Answer, codec: str) -> None:
    with speaking(codec):
        for pieces in cuts(answer.octets):
            pool = Pool()
            exchange = exchange_with(pool, method=answer.method)
            heard = hear(exchange, pieces, ended=answer.ended)
            kept = answer.kept or (answer.surplus > 0 and ends_apart(answer, pieces))
            check(answer, heard, kept=kept)
            assert pool.idle_count == pool.open_count == kept
            if answer.surplus and kept:  # What is left is seen before another request is sent.
                after = exchange_with(pool, method=answer.method)
                assert isinstance(after.start(1.0), Probe)
                assert isinstance(after.readable(0, 1.0), Close)
                assert isinstance(after.closed(1.0), Resolve)


def ends_apart(answer: Answer, pieces: list[bytes]) -> bool:
    """Whether the response ends with the end of a piece."""
    end = len(answer.octets) - answer.surplus
    return end in accumulate(map(len, pieces))


def check(answer: Answer, heard: list[Any], *, kept: bool) -> None:
    """Hold what was handed up against what must be."""
    last = heard[-1]
    content = b"".join(each.data for each in heard if isinstance(each, Content))
    if answer.error is not None:
        assert isinstance(last, Fail), heard
        assert type(last.error) is answer.error, last.error
        assert answer.says in str(last.error)
        assert len(str(last.error)) < 400
        assert b"EVIL" not in content
        return
    assert isinstance(last, Finish), heard
    assert isinstance(next(each for each in heard if isinstance(each, Head)), Head)
    # What came after the response, or in one piece with it, is no part of it.
    assert content == answer.content
    assert last.reusable is kept


@pytest.mark.parametrize("answer", LARGE, ids=lambda answer: answer.name)
@pytest.mark.parametrize("codec", CODECS)
def test_little_of_it_is_held(answer: Answer, codec: str) -> None:
    size = 16 * KIB  # As much as is read at once while a head is awaited.
    pieces = [answer.octets[at : at + size] for at in range(0, len(answer.octets), size)]
    with speaking(codec):
        exchange = exchange_with(method=answer.method)
        tracemalloc.start()
        try:
            hear(exchange, pieces, ended=answer.ended)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 64 * KIB + 1024 * KIB


# --- on the wire ----------------------------------------------------------------------------------

WIRE: Final = [
    answer
    for answer in (*FRAMING, *REUSE)
    if answer.method == "GET" and (answer.error is not None or answer.content)
]


def script(answer: Answer) -> tuple[Any, ...]:
    """What the server does."""
    after = steps.Close() if answer.ended else WaitClosed()
    return (ReadHead(), Offer(answer.octets), after)


def collect(get: Callable[[str], Any], server: ScriptedServer) -> None:
    """Ask for every answer, each on a connection that nothing is left of."""
    for answer in WIRE:
        url = server.url("/x")
        if answer.error is None:
            assert get(url) == answer.content, answer.name
        else:
            with pytest.raises(answer.error):
                get(url)


def scripts() -> list[Any]:
    """One for each connection: those that are kept are not used again here."""
    return [script(answer) for answer in WIRE]


@pytest.mark.parametrize("name", BINDINGS)
def test_bindings_read_it_alike(name: str, scripted: Callable[..., ScriptedServer]) -> None:
    server = scripted(*scripts())
    binding = Binding(name)
    headers = {"Connection": "close"}

    def get(url: str) -> Any:
        made = binding.session()
        try:
            return binding.run(made.get(url, headers=headers, timeout=5)).content
        finally:
            binding.run(made.close())

    try:
        collect(get, server)
    finally:
        binding.close()
