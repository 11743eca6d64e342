"""The parts that cases are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn.testing.conformance.case import (
    AGAIN,
    ANSWER,
    NEW,
    PATIENT,
    Ask,
    Case,
    Got,
    Run,
)
from sojourn.testing.conformance.source import AsyncSource, SyncSource
from sojourn.testing.conformance.steps import ReadHead, Send
from sojourn_core import PoolLimits, Timeouts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn.testing.conformance.case import Phase
    from sojourn.testing.conformance.steps import Script

ONE: Final = PoolLimits(connections_max=1)
ONE_EACH: Final = PoolLimits(connections_per_key_max=1)
SIDE: Final = frozenset({"side by side"})
WAITS: Final = frozenset({"side by side", "waits"})
PLAIN: Final = f"{NEW}Write {ANSWER}"
REUSED: Final = f"{AGAIN}Write {ANSWER}"


def head(status: int, **fields: str) -> bytes:
    """Write a head. An underscore in a name stands for a hyphen."""
    lines = [f"HTTP/1.1 {status} Fine", *(f"{k.replace('_', '-')}: {v}" for k, v in fields.items())]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"


def ok(content: bytes = b"ok", status: int = 200, **fields: str) -> bytes:
    """Write a response with its length."""
    return head(status, Content_Length=str(len(content)), **fields) + content


def chunked(*chunks: bytes, status: int = 200, trailers: bytes = b"") -> bytes:
    """Write a response in chunks."""
    framed = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks)
    return head(status, Transfer_Encoding="chunked") + framed + b"0\r\n" + trailers + b"\r\n"


OK: Final = ok()
SERVE: Final[Script] = (ReadHead(), Send(OK))


def serve(*responses: bytes) -> Script:
    """Return a script that answers requests without content."""
    return tuple(step for each in responses for step in (ReadHead(), Send(each)))


def within(**seconds: float) -> Timeouts:
    """Return timeouts of which these differ from the patient ones."""
    return PATIENT.replace(**seconds)


def one(name: str, ask: Ask, *scripts: Script, **more: Any) -> Case:
    """Return a case of one exchange with the endpoint ``a``."""
    expect = ask.expect
    if "idle" not in more:
        more["idle"] = int(isinstance(expect, Got) and expect.reusable)
    return Case(name=name, peers={"a": scripts}, phases=(Run((ask,)),), **more)


def then_again(name: str, first: Ask, *scripts: Script, **more: Any) -> Case:
    """Return a case of an exchange, and of another one that must go well on a new connection.

    There is but one slot: the first exchange must have given it back.
    """
    second = Ask(name="next", expect=Got(way=PLAIN))
    phases: tuple[Phase, ...] = more.pop("phases", (Run((first,)),))
    more.setdefault("limits", ONE)
    peers = more.pop("peers", {})
    return Case(
        name=name,
        peers={**peers, "a": (*scripts, SERVE)},
        phases=(*phases, Run((second,))),
        idle=1,
        **more,
    )


def source(*chunks: bytes, is_async: bool = False, **more: Any) -> Callable[..., Any]:
    """Return what makes content of chunks; ``sets`` is a flag to set with the second chunk."""

    def make(flags: Any) -> Any:
        sets = more.get("sets")
        waits = more.get("waits")

        def before(number: int) -> None:
            if sets is not None and number == 1:
                flags.set(sets)
            if waits is not None and number == 1:
                flags.wait(waits)

        kind = AsyncSource if is_async else SyncSource
        return kind(*chunks, error=more.get("error"), before=before)

    return make
