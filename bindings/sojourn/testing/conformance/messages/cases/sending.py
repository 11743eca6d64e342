"""Cases of what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn.testing.conformance.messages.ask import OfTheUserError
from sojourn.testing.conformance.messages.case import (
    LARGE,
    OK,
    Asked,
    all_once,
    came,
    case,
    echo,
    has,
    lacks,
    saw,
)
from sojourn.testing.conformance.messages.web import answer
from sojourn_core.values import errors as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn.testing.conformance.messages.case import MessageCase


OTHER_HOSTS: Final = ("http://localhost:", "http://b.test")  # Those of ``{b}``.


def _raising() -> Iterator[bytes]:
    yield b"some"
    raise OfTheUserError("mine")


def cases() -> Iterator[MessageCase]:
    """Yield the cases."""
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY"):
        yield case(f"the method {method}", Asked(method=method), judge=came((method, "/")))
    yield case(
        "a head has no content",
        Asked(method="HEAD", content=b"", fields={"x-a": ["b"]}),
        pages={"/": answer(200, b"never sent", ("X-A", "b"))},
    )
    yield case(
        "the target goes out as it is",
        Asked(url="{a}/a%2Fb/c?d=e%20f&g=%C3%A4"),
        pages={"/a%2Fb/c": OK},
        judge=came(("GET", "/a%2Fb/c?d=e%20f&g=%C3%A4")),
    )
    yield case(
        "the fields of the session go out once, and no others",
        Asked(arguments={"headers": {"X-Own": "own"}}),
        judge=saw("/", all_once, "fields were added, or doubled"),
    )
    yield case(
        "Host is that of the URL",
        Asked(url="{b}/host"),
        judge=saw(
            "/host", lambda incoming: incoming.host.startswith(OTHER_HOSTS), "the host is another"
        ),
        pages={"/host": OK},
    )
    yield case(
        "a field that is not ASCII",
        Asked(arguments={"headers": {"X-Own": "\xe4"}}),
        judge=saw("/", has("X-Own", "\xe4"), "the field is another"),
    )
    yield case(
        "content as bytes",
        Asked(method="POST", arguments={"data": LARGE}, content=LARGE),
        needs="content",
        pages={"/": echo},
        judge=saw("/", has("Content-Length", str(len(LARGE))), "its length is not declared"),
    )
    yield case(
        "a form",
        Asked(method="POST", arguments={"data": {"a": "b c"}}, content=b"a=b+c"),
        needs="content",
        pages={"/": echo},
        judge=saw("/", has("Content-Type", "application/x-www-form-urlencoded"), "it is no form"),
    )
    yield case(
        "JSON",
        Asked(method="POST", arguments={"json": [1]}, content=b"[1]"),
        needs="content",
        pages={"/": echo},
    )
    yield case(
        "no content has a length of 0 where there might be some",
        Asked(method="POST"),
        judge=saw("/", has("Content-Length", "0"), "its length is not declared"),
    )
    yield case(
        "content from an iterator goes in chunks",
        Asked(
            method="POST",
            arguments=lambda: {"data": iter([b"one, ", b"", b"two"])},
            content=b"one, two",
        ),
        needs="uploads",
        pages={"/": echo},
        judge=saw("/", lacks("Content-Length"), "it has a length"),
    )
    yield case(
        "content from a generator that is large",
        Asked(
            method="PUT",
            arguments=lambda: {
                "data": (LARGE[at : at + 1000] for at in range(0, len(LARGE), 1000))
            },
            content=LARGE,
        ),
        needs="uploads",
        pages={"/": echo},
    )

    yield case(
        "the error of an iterator is raised as it is",
        Asked(method="POST", arguments=lambda: {"data": _raising()}, error=OfTheUserError),
        needs="uploads own_errors",
    )
    yield case(
        "content that is longer than its length is refused",
        Asked(
            method="POST",
            arguments=lambda: {"data": iter([b"abc", b"d"]), "headers": {"Content-Length": "3"}},
            error=e.InvalidContent,
        ),
        needs="uploads lengths",
    )
