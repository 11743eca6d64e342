from __future__ import annotations

import gzip
import random
import sys
import tracemalloc
import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sojourn_core.values.content.coding import accept_encoding, decoder_for
from sojourn_core.values.errors import ContentDecodingError, DecompressionLimit
from sojourn_core.values.limits import DEFAULT_LIMITS, KIB, MIB
from tests.core.work import GROWTH_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.limits import Limits

TEXT = b"".join(b"line %d of the text\n" % number for number in range(20_000))


def deflate(data: bytes) -> bytes:
    return zlib.compress(data)


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def optional(names: Iterable[str], needed: str) -> Any:
    for name in names:
        try:
            module = import_module(name)
        except ImportError:
            continue
        if hasattr(module, needed):
            return module
    pytest.skip(f"needs {' or '.join(names)}")


def brotli(data: bytes) -> bytes:
    return optional(("brotli", "brotlicffi"), "compress").compress(data, quality=5)


def zstd(data: bytes) -> bytes:
    return optional(("compression.zstd", "backports.zstd"), "compress").compress(data)


CODERS = [
    pytest.param("gzip", gzip.compress, id="gzip"),
    pytest.param("x-gzip", gzip.compress, id="x-gzip"),
    pytest.param("deflate", deflate, id="deflate"),
    pytest.param("deflate", raw_deflate, id="raw deflate"),
    pytest.param("br", brotli, id="br"),
    pytest.param("zstd", zstd, id="zstd"),
]
every_coding = pytest.mark.parametrize(("coding", "encode"), CODERS)


def decode(
    coding: str, *pieces: bytes, limits: Limits = DEFAULT_LIMITS, finish: bool = True
) -> bytes:
    decoder = decoder_for([coding], limits)
    assert decoder is not None
    decoded = [part for piece in pieces for part in decoder.feed(piece)]
    if finish:
        decoded += decoder.finish()
    assert all(0 < len(part) <= limits.decoded_step_max for part in decoded)
    return b"".join(decoded)


@pytest.fixture
def fresh_packages(monkeypatch: pytest.MonkeyPatch) -> Iterable[pytest.MonkeyPatch]:
    accept_encoding.cache_clear()
    yield monkeypatch
    accept_encoding.cache_clear()


# What is accepted, and which decoder a response gets


def test_only_what_can_be_decoded_is_accepted(fresh_packages: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "brotlicffi", "compression.zstd", "backports.zstd"):
        fresh_packages.setitem(sys.modules, name, None)  # As if it were not installed.
    assert accept_encoding() == "gzip, deflate"
    assert decoder_for(["br"], DEFAULT_LIMITS) is None
    assert decoder_for(["zstd"], DEFAULT_LIMITS) is None


@pytest.mark.parametrize(("coding", "encode"), [("br", brotli), ("zstd", zstd)])
def test_optional_codings_are_accepted_if_their_package_is_there(
    coding: str, encode: Callable[[bytes], bytes], fresh_packages: pytest.MonkeyPatch
) -> None:
    encode(b"")
    assert coding in accept_encoding().split(", ")


def test_a_brotli_that_cannot_bound_its_output_is_not_used(
    fresh_packages: pytest.MonkeyPatch,
) -> None:
    class Old:
        class Decompressor:
            pass

    fresh_packages.setitem(sys.modules, "brotli", Old)
    fresh_packages.setitem(sys.modules, "brotlicffi", Old)
    assert "br" not in accept_encoding().split(", ")


@pytest.mark.parametrize("codings", [[], [""], ["identity"], [" , ,", "Identity"]])
def test_content_without_a_coding_needs_no_decoder(codings: list[str]) -> None:
    assert decoder_for(codings, DEFAULT_LIMITS) is None


@pytest.mark.parametrize("codings", [["compress"], ["gzip, aes128gcm"], ["aes128gcm", "gzip"]])
def test_content_with_an_unknown_coding_is_delivered_as_it_is(codings: list[str]) -> None:
    assert decoder_for(codings, DEFAULT_LIMITS) is None


@pytest.mark.parametrize(
    "codings",
    [
        [", ".join(["gzip"] * 20)],  # CVE-2025-66418
        ["gzip"] * 3,  # CVE-2023-23916: counted over all lines.
        ["gzip,deflate", "gzip"],
        ["unknown, gzip, unknown"],
    ],
)
def test_stacked_codings_are_limited(codings: list[str]) -> None:
    with pytest.raises(DecompressionLimit, match=r"\d+ codings, more than 2"):
        decoder_for(codings, DEFAULT_LIMITS)


def test_the_limit_on_codings_is_settable() -> None:
    limits = DEFAULT_LIMITS.replace(content_codings_max=5)
    data = TEXT
    for _ in range(5):
        data = gzip.compress(data)
    assert decode("gzip, identity, gzip, GZIP ,gzip,gzip", data, limits=limits) == TEXT


# Decoding


@every_coding
@pytest.mark.parametrize("content", [b"", b"a", b"hello", TEXT, bytes(1_000_000)])
def test_content_is_decoded(coding: str, encode: Callable[[bytes], bytes], content: bytes) -> None:
    assert decode(coding, encode(content)) == content
    assert decode(coding.upper(), encode(content)) == content


@every_coding
@pytest.mark.parametrize("step", [1, 100, 4096])
def test_steps_may_be_small(coding: str, encode: Callable[[bytes], bytes], step: int) -> None:
    limits = DEFAULT_LIMITS.replace(decoded_step_max=step)
    assert decode(coding, encode(TEXT[:50_000]), limits=limits) == TEXT[:50_000]


@every_coding
def test_content_may_come_octet_by_octet(coding: str, encode: Callable[[bytes], bytes]) -> None:
    data = encode(TEXT[:50_000])
    assert decode(coding, *(data[at : at + 1] for at in range(len(data)))) == TEXT[:50_000]


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=2000), st.integers(1, 50), st.integers(1, 300), st.booleans())
def test_any_split_decodes_to_the_same(content: bytes, size: int, step: int, raw: bool) -> None:
    limits = DEFAULT_LIMITS.replace(decoded_step_max=step)
    data = gzip.compress(raw_deflate(content) if raw else deflate(content))
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert decode("deflate, gzip", *pieces, limits=limits) == content


def test_the_last_coding_comes_off_first() -> None:
    decoder = decoder_for(["deflate", "gzip"], DEFAULT_LIMITS)
    assert decoder is not None
    data = gzip.compress(deflate(TEXT))
    assert b"".join(decoder.feed(data)) == TEXT
    assert list(decoder.finish()) == []


@every_coding
def test_no_octets_at_all_are_no_error(coding: str, encode: Callable[[bytes], bytes]) -> None:
    encode(b"")
    assert decode(coding) == b""
    assert decode(coding, b"", b"") == b""
    assert decode(f"{coding}, gzip", b"") == b""


def test_an_outer_coding_may_hold_nothing() -> None:
    assert decode("deflate, gzip", gzip.compress(b"")) == b""


@every_coding
def test_content_cut_short_is_an_error(coding: str, encode: Callable[[bytes], bytes]) -> None:
    data = encode(TEXT)
    for size in (1, 2, len(data) // 2, len(data) - 1):
        with pytest.raises(ContentDecodingError, match="content ends before the"):
            decode(coding, data[:size])


def test_an_inner_coding_cut_short_is_an_error() -> None:
    with pytest.raises(ContentDecodingError, match="before the deflate coding is complete"):
        decode("deflate, gzip", gzip.compress(deflate(TEXT)[:-1]))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("content", [b"<html>never compressed</html>", b"\0" * 10, b"\xff" * 10])
def test_corrupt_content_is_an_error(coding: str, content: bytes) -> None:
    with pytest.raises(ContentDecodingError, match=rf"^content is not {coding}: "):
        decode(coding, content)


@pytest.mark.parametrize(("coding", "encode"), [("br", brotli), ("zstd", zstd)])
def test_corrupt_content_of_optional_codings_is_an_error(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    encode(b"")
    with pytest.raises(ContentDecodingError, match=rf"^content is not {coding}: "):
        decode(coding, b"\xff" * 100)


@pytest.mark.parametrize("encode", [gzip.compress, deflate])
def test_a_wrong_checksum_is_an_error(encode: Callable[[bytes], bytes]) -> None:
    data = bytearray(encode(TEXT))
    data[-6 if encode is gzip.compress else -2] ^= 1
    with pytest.raises(ContentDecodingError, match="check"):
        decode("gzip" if encode is gzip.compress else "deflate", bytes(data))


def decode_until_broken(coding: str, *pieces: bytes) -> bytes:
    """What is given before the error, which must come."""
    decoder = decoder_for([coding], DEFAULT_LIMITS)
    assert decoder is not None
    decoded: list[bytes] = []
    fed = (part for piece in pieces for part in decoder.feed(piece))
    with pytest.raises(ContentDecodingError):
        decoded.extend(fed)
    with pytest.raises(ContentDecodingError):
        list(decoder.feed(b"more"))
    return b"".join(decoded)


@every_coding
@pytest.mark.parametrize("size", [1000, 10_000])
def test_what_was_good_before_corrupt_data_is_given(
    coding: str, encode: Callable[[bytes], bytes], size: int
) -> None:
    data = encode(TEXT[:size])
    corrupt = data[: len(data) // 2] + random.Random(1).randbytes(20_000)
    # A reader who gets it byte by byte has seen all that there is.
    apart = decode_until_broken(coding, *(corrupt[at : at + 1] for at in range(len(corrupt))))
    if coding != "br" or size == 1000:  # Its pieces are small, and all but the first are lost.
        assert decode_until_broken(coding, corrupt) == apart
    assert apart[:9] == TEXT[:9] or coding == "zstd"  # Which gives whole blocks; this is one.


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("deflate", deflate)])
def test_content_with_a_wrong_checksum_is_given(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    data = bytearray(encode(TEXT))
    data[-6 if coding == "gzip" else -2] ^= 1
    assert decode_until_broken(coding, bytes(data)) == TEXT


def test_what_was_good_passes_through_all_layers() -> None:
    inner = deflate(TEXT[:1000])
    outer = bytearray(gzip.compress(inner))
    outer[-6] ^= 1
    decoder = decoder_for(["deflate", "gzip"], DEFAULT_LIMITS)
    assert decoder is not None
    decoded: list[bytes] = []
    with pytest.raises(ContentDecodingError, match="not gzip"):
        decoded.extend(decoder.feed(bytes(outer)))
    assert b"".join(decoded) == TEXT[:1000]


# What follows the end

SURPLUS = [b"\r\n", b"x", b"junk", b"\x1f", b"\x1f\x8b", b"\x1f\x8b\x07", b"\x08", b"<html>" * 9]
ENDING = [("gzip", gzip.compress), ("deflate", deflate), ("deflate", raw_deflate)]


@pytest.mark.parametrize(("coding", "encode"), ENDING)
@pytest.mark.parametrize("surplus", SURPLUS)
def test_what_follows_the_end_is_ignored_with_a_decision(
    coding: str, encode: Callable[[bytes], bytes], surplus: bytes
) -> None:
    data = encode(b"hello")
    both = data + surplus
    for pieces in ([data, surplus], [both], [both[at : at + 1] for at in range(len(both))]):
        decisions: list[Decision] = []
        decoder = decoder_for([coding], DEFAULT_LIMITS, decisions.append)
        assert decoder is not None
        decoded = [part for piece in pieces for part in decoder.feed(piece)]
        assert b"".join([*decoded, *decoder.finish()]) == b"hello"
        assert [(made.code, made.subject) for made in decisions] == [
            ("content.surplus.ignored", coding)
        ]
        assert not decoder.overrun
    assert decode(coding, data, surplus, gzip.compress(b"more")) == b"hello"


@every_coding
def test_whole_content_leaves_no_decision(coding: str, encode: Callable[[bytes], bytes]) -> None:
    decisions: list[Decision] = []
    data = encode(b"hello")  # Left out where the coding is not there.
    decoder = decoder_for([coding], DEFAULT_LIMITS, decisions.append)
    assert decoder is not None
    assert [*decoder.feed(data), *decoder.finish()] == [b"hello"]
    assert decisions == []


@pytest.mark.parametrize(("coding", "encode"), ENDING)
def test_what_follows_the_end_is_read_up_to_what_is_drained(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    decoder = decoder_for([coding], DEFAULT_LIMITS)
    assert decoder is not None
    most = DEFAULT_LIMITS.drain_size_max
    assert [*decoder.feed(encode(b"hello") + b"x" * most)] == [b"hello"]
    assert not decoder.overrun
    assert [*decoder.feed(b"x")] == []
    assert decoder.overrun
    assert [*decoder.finish()] == []


def test_what_follows_an_inner_coding_is_ignored_too() -> None:
    decisions: list[Decision] = []
    decoder = decoder_for(["deflate", "gzip"], DEFAULT_LIMITS, decisions.append)
    assert decoder is not None
    data = gzip.compress(deflate(b"hello") + b"\r\n") + b"\r\n"
    assert [*decoder.feed(data), *decoder.finish()] == [b"hello"]
    assert [made.subject for made in decisions] == ["gzip"]


@pytest.mark.parametrize(("coding", "encode"), [("br", brotli), ("zstd", zstd)])
@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("surplus", [b"x", b"junk", b"\r\n\r\n"])
def test_octets_behind_br_and_zstd_are_an_error(
    coding: str, encode: Callable[[bytes], bytes], apart: bool, surplus: bytes
) -> None:
    data = encode(b"hello")
    with pytest.raises(ContentDecodingError):
        decode(coding, *([data, surplus] if apart else [data + surplus]))


# Members


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("zstd", zstd)])
def test_a_stream_may_have_several_members(coding: str, encode: Callable[[bytes], bytes]) -> None:
    data = encode(b"one ") + encode(b"") + encode(b"two")
    assert decode(coding, data) == b"one two"
    assert decode(coding, *(data[at : at + 1] for at in range(len(data)))) == b"one two"


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("zstd", zstd)])
def test_members_are_limited(coding: str, encode: Callable[[bytes], bytes]) -> None:
    empty = encode(b"")
    assert decode(coding, empty * 1024) == b""
    with pytest.raises(DecompressionLimit, match="more than 1024 members"):
        decode(coding, empty * 1025)
    with pytest.raises(DecompressionLimit, match="more than 1 members"):
        decode(coding, empty * 2, limits=DEFAULT_LIMITS.replace(coding_members_max=1))
    with pytest.raises(DecompressionLimit):  # CVE-2022-30631: however many there are.
        decode(coding, empty * 200_000)


@pytest.mark.parametrize("size", [1, 511, 40_000])
def test_zeros_may_follow_gzip(size: int) -> None:
    data = gzip.compress(b"hello")
    assert decode("gzip", data + bytes(size)) == b"hello"
    assert decode("gzip", data, bytes(size), b"\0") == b"hello"
    assert decode("gzip", data, bytes(size), data) == b"hellohello"


def test_a_member_that_begins_after_another_must_be_whole() -> None:
    data = gzip.compress(b"hello")
    assert decode("gzip", data + b"\0\0junk") == b"hello"
    assert decode("gzip", data + data[:2]) == b"hello"
    with pytest.raises(ContentDecodingError, match="ends before"):
        decode("gzip", data + data[:3])
    with pytest.raises(ContentDecodingError, match="ends before"):
        decode("gzip", data, b"\0", data[:1], data[1:2], data[2:5])
    assert decode_until_broken("gzip", data + b"\x1f\x8b\x08\xff" + bytes(9)) == b"hello"


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("zstd", zstd)])
def test_members_with_content_are_not_counted(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    event = encode(b"event\n")
    assert decode(coding, *([event] * 1500)) == b"event\n" * 1500
    assert decode(coding, event * 1500) == b"event\n" * 1500
    empty = encode(b"")
    limits = DEFAULT_LIMITS.replace(coding_members_max=2)
    assert decode(coding, (empty * 2 + event) * 3, limits=limits) == b"event\n" * 3
    with pytest.raises(DecompressionLimit, match="more than 2 members in a row"):
        decode(coding, event + empty * 3 + event, limits=limits)


def test_a_zstd_window_beyond_8_mib_is_refused() -> None:
    package = optional(("compression.zstd", "backports.zstd"), "ZstdCompressor")

    def with_window(log: int) -> bytes:
        compressor = package.ZstdCompressor(options={package.CompressionParameter.window_log: log})
        return compressor.compress(TEXT) + compressor.flush()

    assert decode("zstd", with_window(23)) == TEXT
    with pytest.raises(ContentDecodingError, match="too much memory"):
        decode("zstd", with_window(24))


# Bombs


@every_coding
def test_a_bomb_is_stopped_by_its_ratio(coding: str, encode: Callable[[bytes], bytes]) -> None:
    data = encode(bytes(64 * MIB))  # SJ-12
    decoder = decoder_for([coding], DEFAULT_LIMITS)
    assert decoder is not None
    sizes: list[int] = []
    with pytest.raises(
        DecompressionLimit, match=rf"grows beyond 200 times .*: \d+ bytes seen from {len(data)}$"
    ):
        sizes.extend(map(len, decoder.feed(data)))
    assert 16 * MIB - 64 * KIB <= sum(sizes) <= max(16 * MIB, 200 * len(data))


def test_what_is_free_is_not_measured() -> None:
    assert len(decode("gzip", gzip.compress(bytes(16 * MIB)))) == 16 * MIB


def test_the_limits_on_growth_are_settable() -> None:
    data = gzip.compress(bytes(100_000))
    limits = DEFAULT_LIMITS.replace(decoded_free=1000, decoded_step_max=500)
    with pytest.raises(DecompressionLimit):
        decode("gzip", data, limits=limits)
    limits = limits.replace(decoded_ratio_max=100_000 // len(data) + 1)
    assert decode("gzip", data, limits=limits) == bytes(100_000)


def test_growth_between_two_layers_is_measured_too() -> None:
    # Empty stored blocks: the inner coding decodes all of them to nothing.
    blocks = b"\0\0\0\xff\xff" * (5 * MIB)
    with pytest.raises(DecompressionLimit):
        decode("deflate, gzip", gzip.compress(blocks))


@every_coding
def test_a_small_read_inflates_little(coding: str, encode: Callable[[bytes], bytes]) -> None:
    data = encode(bytes(64 * MIB))  # CVE-2025-66471, CVE-2026-44432, CVE-2026-84382
    decoder = decoder_for([coding], DEFAULT_LIMITS.replace(decoded_step_max=1024))
    assert decoder is not None
    tracemalloc.start()
    try:
        for at in range(0, len(data), 1 + len(data) // 3):
            # Each iterator is left after one piece; the next goes on from there.
            assert next(decoder.feed(data[at : at + 1 + len(data) // 3])) == bytes(1024)
        assert next(decoder.finish()) == bytes(1024)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB


def test_what_was_left_comes_first_out_of_the_next_iterator() -> None:
    data = gzip.compress(TEXT)
    decoder = decoder_for(["gzip"], DEFAULT_LIMITS.replace(decoded_step_max=1000))
    assert decoder is not None
    decoded = [next(decoder.feed(data[:100])), next(decoder.feed(data[100:30_000]))]
    decoder.feed(data[30_000:])
    decoded += decoder.finish()
    assert b"".join(decoded) == TEXT


zlib_decompressor = zlib.decompressobj


class CountingDecompressor:
    """zlib's decompressor, which counts the octets that all of them are handed."""

    handed = 0

    def __init__(self, wbits: int) -> None:
        self._decompressor = zlib_decompressor(wbits)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._decompressor, name)

    def decompress(self, data: bytes, most: int) -> bytes:
        CountingDecompressor.handed += len(data)
        return self._decompressor.decompress(data, most)


def test_the_work_on_a_large_input_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zlib, "decompressobj", CountingDecompressor)
    limits = DEFAULT_LIMITS.replace(decoded_step_max=KIB)
    counts = []
    for size in (2 * MIB, 4 * MIB):
        data = gzip.compress(bytes(range(256)) * (size // 256), compresslevel=0)  # Not smaller.
        monkeypatch.setattr(CountingDecompressor, "handed", 0)
        assert len(decode("gzip", data, limits=limits)) == size
        counts.append(CountingDecompressor.handed)
    # What zlib has not used after a piece it copies, and is handed again for the next one.
    assert size < counts[1] <= GROWTH_MAX * counts[0]
