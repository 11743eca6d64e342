"""Cases of what comes back."""

from __future__ import annotations

import gzip
import threading
from typing import TYPE_CHECKING, Any, Final

from sojourn.testing.conformance.messages.case import (
    GUARD,
    LARGE,
    OK,
    Asked,
    MessageCase,
    case,
    no_complaint,
    offers_of,
)
from sojourn.testing.conformance.messages.web import Reply, answer
from sojourn_core.values import errors as e
from sojourn_core.values.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


PACKED: Final = gzip.compress(b"packed " * 100)


def _in_step(_: str, __: str) -> tuple[Mapping[str, Any], tuple[Asked, ...]]:
    """Make a page whose second piece is sent once somebody has read the first."""
    seen = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"one"
        yield b"two" if seen.wait(GUARD) else b"nobody has read the first piece"

    return {"/": Reply(pieces=pieces())}, (Asked(content=b"onetwo", on_piece=seen.set),)


def cases() -> Iterator[MessageCase]:
    """Yield the cases."""
    for status in (200, 201, 404, 500):
        yield case(
            f"the status {status} is no error",
            Asked(status=status),
            pages={"/": answer(status, b"ok")},
        )
    for status in (204, 304):
        yield case(
            f"the status {status} has no content",
            Asked(status=status, content=b""),
            pages={"/": answer(status)},
        )
    yield case(
        "each line of a field that repeats",
        Asked(fields={"x-a": ["1", "2"], "X-B": ["\xe4"], "x-c": [""]}),
        pages={"/": answer(200, b"ok", ("X-A", "1"), ("x-a", "2"), ("X-B", "\xe4"), ("X-C", ""))},
    )
    yield case("empty content", Asked(content=b""), pages={"/": answer(200)})
    yield case("large content", Asked(content=LARGE), pages={"/": answer(200, LARGE)})
    yield case(
        "content in many pieces",
        Asked(content=b"".join(b"%d," % each for each in range(500))),
        pages={"/": Reply(pieces=[b"%d," % each for each in range(500)])},
    )
    yield case(
        "a content coding is removed once",
        Asked(content=b"packed " * 100, fields={"content-encoding": ["gzip"]}),
        pages={"/": answer(200, PACKED, ("Content-Encoding", "gzip"))},
    )
    yield case(
        "a content coding within another",
        Asked(content=b"packed " * 100),
        pages={"/": answer(200, gzip.compress(PACKED), ("Content-Encoding", "gzip, gzip"))},
    )
    yield case(
        "content that does not fit its coding is an error",
        Asked(error=e.ContentDecodingError, content=None),
        pages={"/": answer(200, b"no gzip", ("Content-Encoding", "gzip"))},
    )
    yield case(
        "a limit on content holds",
        Asked(
            error=e.ContentTooLarge, content=None, options={"limits": Limits(content_size_max=1000)}
        ),
        needs="limits",
        pages={"/": answer(200, LARGE)},
    )

    yield MessageCase(
        name="content is there piece by piece",
        needs=offers_of("streams"),
        make=_in_step,
        judge=no_complaint,
    )
    yield case(
        "a response that is closed early, and another request",
        Asked(content=None, stops_after=1),
        Asked(url="{a}/next"),
        needs="streams",
        pages={"/": answer(200, LARGE), "/next": OK},
    )
