"""Threats in content codings: output, ratio, codings and members are bounded, and so is memory."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
from sojourn_core import Limits
from sojourn_core.values.content.coding.decoder import decoder_for
from sojourn_core.values.errors import ContentTooLarge, DecompressionLimit
from sojourn_core.values.limits import DEFAULT_LIMITS, KIB, MIB
from tests.bindings.clients import BINDINGS, Binding
from tests.servers.scripted import response

from .rows import tries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.scripted import HandlerServer, Received

ZEROS: Final = 64 * MIB
READ: Final = 1024


def zipped(size: int) -> bytes:
    """So many zeros in gzip, made without having them."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [compressor.compress(bytes(MIB)) for _ in range(size // MIB)]
    return b"".join([*pieces, compressor.flush()])


BOMB: Final = zipped(ZEROS)
EMPTY: Final = gzip.compress(b"")


def peak_of(run: Callable[[], Any]) -> int:
    """The most memory that Python held meanwhile, beyond what it had."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def decode(data: bytes, *codings: str, limits: Limits = DEFAULT_LIMITS, cut: int = 0) -> int:
    """Decode data that comes in pieces; the number of bytes that came out."""
    decoder = decoder_for(codings, limits, None)
    assert decoder is not None
    size = 0
    for at in range(0, len(data), cut or len(data) or 1):
        size += sum(map(len, decoder.feed(data[at : at + (cut or len(data))])))
    return size + sum(map(len, decoder.finish()))


def sizes(data: bytes, coding: str) -> Iterator[int]:
    """The size of each piece that comes out."""
    decoder = decoder_for([coding], DEFAULT_LIMITS, None)
    assert decoder is not None
    return map(len, decoder.feed(data))


@tries("CVE-2022-30631")
@pytest.mark.parametrize("cut", [0, 1, 7, 1000])
def test_many_empty_members_are_an_error_and_no_stack(row: str, cut: int) -> None:
    assert decode(EMPTY * 1024, "gzip", cut=cut) == 0
    with pytest.raises(DecompressionLimit):
        decode(EMPTY * 100_000 if not cut else EMPTY * 1026, "gzip", cut=cut)


@tries("CVE-2023-23916", "CVE-2025-66418")
@pytest.mark.parametrize(
    "codings",
    [
        ["gzip"] * 20,
        ["gzip, gzip, gzip"],
        ["gzip"] * 3,
        ["gzip, gzip", "gzip"],
        ["gzip", "gzip, br"],
        ["gzip,,,gzip,,gzip"],
        ["identity, gzip, gzip, gzip"],
        ["deflate, x-gzip, GZIP"],
    ],
)
def test_codings_are_counted_however_they_are_said(row: str, codings: list[str]) -> None:
    with pytest.raises(DecompressionLimit):
        decoder_for(codings, DEFAULT_LIMITS, None)
    with pytest.raises(DecompressionLimit):
        decoder_for(codings * 2, DEFAULT_LIMITS.replace(content_codings_max=5), None)


@tries("CVE-2025-66471", "CVE-2026-84382")
@pytest.mark.parametrize("cut", [len(BOMB), 16 * KIB])
def test_no_step_puts_out_more_than_its_limit(row: str, cut: int) -> None:
    for at in range(0, len(BOMB), cut):
        decoder = decoder_for(["gzip"], DEFAULT_LIMITS, None)
        assert decoder is not None
        if at:
            continue
        for index, piece in enumerate(decoder.feed(BOMB[:cut])):
            assert len(piece) <= DEFAULT_LIMITS.decoded_step_max
            if index > 100:
                break


@tries("CVE-2025-66471", "CVE-2026-84382")
def test_a_few_bytes_cost_a_few(row: str) -> None:
    def read() -> None:
        decoder = decoder_for(["gzip"], DEFAULT_LIMITS, None)
        assert decoder is not None
        next(iter(decoder.feed(BOMB)))

    assert peak_of(read) < MIB + READ


@pytest.fixture
def bomb(serve: Callable[..., HandlerServer]) -> HandlerServer:
    """Bombs at every place, and a redirect from one."""

    def answer(request: Received) -> bytes:
        if request.target.startswith("/moved"):
            where = ("Location", "/small")
            return response(302, where, ("Content-Encoding", "gzip"), content=BOMB)
        if request.target.startswith("/small"):
            return response(200, content=b"small")
        return response(200, ("Content-Encoding", "gzip"), content=BOMB)

    return serve(answer)


@pytest.fixture(params=BINDINGS)
def binding(request: pytest.FixtureRequest) -> Iterator[Binding]:
    made = Binding(request.param)
    yield made
    made.close()


@tries("CVE-2026-21441")
def test_the_content_of_a_redirect_is_never_decoded(
    row: str, binding: Binding, bomb: HandlerServer
) -> None:
    session = binding.session()
    binding.run(session.get(bomb.url("/small")))
    peak = peak_of(lambda: binding.run(session.get(bomb.url("/moved"))))
    assert peak < MIB + len(BOMB)


@tries("CVE-2026-44432")
def test_what_is_left_of_content_is_not_decoded(
    row: str, binding: Binding, bomb: HandlerServer
) -> None:
    session = binding.session()
    binding.run(session.get(bomb.url("/small")))

    def read() -> None:
        got = binding.run(session.get(bomb.url("/bomb"), stream=True))
        pieces = got.iter_content(READ)
        assert binding.first(pieces) == bytes(READ)
        assert binding.first(pieces) == bytes(READ)  # The second is no more than the first.
        binding.run(got.close())

    assert peak_of(read) < MIB + len(BOMB) + 2 * READ
    assert binding.run(session.get(bomb.url("/small"))).content == b"small"


@tries("CVE-2026-84382", "CVE-2025-66471")
def test_pieces_are_as_small_as_they_are_asked_for(
    row: str, binding: Binding, bomb: HandlerServer
) -> None:
    session = binding.session()
    binding.run(session.get(bomb.url("/small")))

    def read() -> None:
        got = binding.run(session.get(bomb.url("/bomb"), stream=True))
        pieces = got.iter_content(READ)
        for _ in range(500):
            assert len(binding.first(pieces)) == READ
        binding.run(got.close())

    assert peak_of(read) < MIB + len(BOMB) + READ


@tries("SJ-12")
def test_a_whole_bomb_is_stopped(row: str, binding: Binding, bomb: HandlerServer) -> None:
    session = binding.session()
    with pytest.raises(DecompressionLimit) as caught:
        binding.run(session.get(bomb.url("/bomb")))
    assert caught.value.response is not None


@tries("SJ-12")
def test_up_to_16_mebibytes_are_free(row: str) -> None:
    limits = DEFAULT_LIMITS
    assert decode(zipped(16 * MIB), "gzip") == 16 * MIB
    with pytest.raises(DecompressionLimit):
        decode(zipped(17 * MIB), "gzip")
    assert decode(zipped(17 * MIB), "gzip", limits=limits.replace(decoded_ratio_max=2000)) > MIB


@tries("SJ-12")
def test_the_size_of_content_is_a_limit_of_its_own(
    row: str, binding: Binding, bomb: HandlerServer
) -> None:
    session = binding.session(limits=Limits(content_size_max=MIB))
    with pytest.raises(ContentTooLarge):
        binding.run(session.get(bomb.url("/bomb")))


@tries("CVE-2025-13836")
@pytest.mark.parametrize("size", [99_999_999_999, 2**62])
def test_nothing_is_taken_for_what_is_only_declared(
    row: str, size: int, binding: Binding, serve: Callable[..., HandlerServer]
) -> None:
    def answer(request: Received) -> bytes:
        if request.target == "/small":
            return response(200, content=b"small")
        return response(200, ("Content-Length", str(size)), ("Connection", "close"), content=b"x")

    server = serve(answer)
    session = binding.session()
    binding.run(session.get(server.url("/small")))

    def read() -> None:
        with pytest.raises(sojourn.exceptions.ChunkedEncodingError) as caught:
            binding.run(session.get(server.url("/large")))
        assert caught.value.partial == b"x"

    assert peak_of(read) < MIB
