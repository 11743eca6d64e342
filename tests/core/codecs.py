"""The codecs, and messages of theirs to hold conversations with.

A new codec is one line here, and then held to all that the others are.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from unittest import mock

from sojourn_core.exchange import plan
from sojourn_core.exchange.codec import HTTP_1_1, RequestHead
from sojourn_core.exchange.h11_codec import H11Codec
from sojourn_core.exchange.plain_codec import PlainCodec
from sojourn_core.values.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sojourn_core.exchange.codec import Codec

CODECS: Final[dict[str, Callable[[Limits, bool], Codec]]] = {"h11": H11Codec, "plain": PlainCodec}
HOST: Final = ("Host", "a.test")


def head_for(
    method: str = "GET", target: str = "/", lines: Sequence[tuple[str, str]] = (HOST,)
) -> RequestHead:
    """The head of a request to a.test."""
    return RequestHead(method, "http", "a.test", target, list(lines))


def codec_with(name: str = "h11", *, lenient: bool = False, **limits: int) -> Codec:
    """The codec of a new connection."""
    return CODECS[name](DEFAULT_LIMITS.replace(**limits), lenient)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Have every exchange that is given no codecs use this one."""
    with mock.patch.object(plan, "CODECS", MappingProxyType({HTTP_1_1: CODECS[name]})):
        yield
