"""Scenarios of requests that may be sent a second time, for the answer that comes first.

A transfer takes an eighth of a second (``pairs.TICK``), so ``after`` says how far the first
exchange has come when the second one begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core import HTTPBasicAuth, RetryPolicy, Timeouts
from sojourn_core.rules.hedge import HedgePolicy
from tests.scenarios.model import (
    SECURE_A,
    A,
    B,
    Intent,
    answer,
    get,
    moved,
    ok,
    serve,
)
from tests.servers.steps import Close, Expect, ReadHead, Reset, Send, StartTLS, WaitClosed
from tests.torture.users import HINTS, Patience, TokenAuth, TokenFlow, inform, with_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.model import Scenario, Script
    from tests.servers.authority import Authority

    Story = Callable[..., Scenario]

SOON: Final = HedgePolicy(after=0.3)
LATER: Final = HedgePolicy(after=1.0)
SILENT: Final = (ReadHead(), WaitClosed())
GONE: Final = (ReadHead(), Close())
CUT: Final = (*answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), Close())
IMPATIENT: Final = Timeouts(connect=1.5, read=1.5, write=1.5, pool=9.0)


def hedged(story: Story, authority: Authority) -> tuple[Scenario, ...]:
    """Return all scenarios."""
    return (
        *raced(story),
        *lost(story),
        *placed(story),
        *routed(story, authority),
        *sent_twice(story),
        *sent_once(story),
        *owned(story),
    )


def raced(story: Story) -> tuple[Scenario, ...]:
    """Two exchanges that meet at different steps."""
    times = (0.01, 0.2, 0.3, 0.4, 0.6)
    return (
        *(
            story(
                f"a hedge after {after:g} s",
                get(f"{A}/1"),
                peers={A: (serve(ok(b"1")), serve(ok(b"2")))},
                hedge=HedgePolicy(after=after),
            )
            for after in times
        ),
        story(
            "a hedge, where the first is silent",
            get(f"{A}/1"),
            get(f"{A}/2"),
            peers={A: (SILENT, serve(ok(b"1"), ok(b"2")))},
            hedge=LATER,
        ),
        story(
            "a hedge, where the first stops within its head",
            get(f"{A}/1"),
            peers={A: ((*answer(b"HTTP/1.1 200 OK\r\nContent-"), WaitClosed()), serve(ok(b"1")))},
            hedge=LATER,
        ),
        story(
            "a hedge, and content that is cut after it was answered",
            get(f"{A}/1"),
            peers={A: (SILENT, CUT)},
            hedge=LATER,
        ),
        story(
            "a hedge, and both are silent",
            get(f"{A}/1", timeout=IMPATIENT),
            peers={A: (SILENT,)},
            hedge=LATER,
        ),
        story(
            "a hedge, and a deadline for all",
            get(f"{A}/1", timeout=Timeouts(total=2.0)),
            peers={A: (SILENT,)},
            hedge=LATER,
        ),
    )


def lost(story: Story) -> tuple[Scenario, ...]:
    """Exchanges that fail."""
    return (
        story(
            "a hedge, and the first is lost",
            get(f"{A}/1"),
            peers={A: (GONE, serve(ok(b"2")))},
            hedge=SOON,
        ),
        story(
            "a hedge, and the second is lost",
            get(f"{A}/1", timeout=IMPATIENT),
            peers={A: (SILENT, (ReadHead(), Reset()))},
            hedge=LATER,
        ),
        story("a hedge, and both are lost", get(f"{A}/1"), peers={A: (GONE, GONE)}, hedge=SOON),
        story(
            "a hedge, and a retry after both are lost",
            get(f"{A}/1"),
            peers={A: (GONE, GONE, serve(ok(b"3")))},
            hedge=SOON,
            retries=RetryPolicy(retries_max=2, jitter=0.0),
        ),
        story(
            "a hedge that is not begun, and a failure",
            get(f"{A}/1"),
            peers={A: (GONE,)},
            hedge=LATER,
        ),
        story("a hedge, and nobody listens", get(f"{A}/1"), peers={A: ()}, hedge=SOON),
        story(
            "a hedge on a connection that goes stale",
            get(f"{A}/1"),
            get(f"{A}/2"),
            peers={A: ((*answer(ok(b"1")), *GONE), serve(ok(b"2")))},
            hedge=SOON,
        ),
    )


def placed(story: Story) -> tuple[Scenario, ...]:
    """Exchanges that wait for a place in the pool."""
    late = story(
        "a hedge that waits for the place of the first",
        get(f"{A}/1", timeout=IMPATIENT),
        peers={A: (SILENT, serve(ok(b"2")))},
        hedge=LATER,
    )
    never = story(
        "a hedge that waits for a place, and is not needed",
        get(f"{A}/1"),
        get(f"{A}/2"),
        peers={A: (serve(ok(b"1"), ok(b"2")),)},
        hedge=HedgePolicy(after=0.2),
    )
    return (
        with_options(late, places=1),
        with_options(never, places=1),
        story(
            "a hedge on connections that are kept",
            *(get(f"{A}/{n}") for n in range(3)),
            peers={
                A: (
                    (*answer(ok(b"0")), *SILENT),
                    serve(ok(b"1"), ok(b"2")),
                )
            },
            hedge=LATER,
        ),
    )


def routed(story: Story, authority: Authority) -> tuple[Scenario, ...]:
    """The same on routes that take more steps."""
    tls = StartTLS(authority.server_context())
    http, socks = "http://proxy.test:3128", "http://proxy.test:1080"
    tunnel: Script = (ReadHead(), Send(b"HTTP/1.1 200 Connection established\r\n\r\n"), tls)
    anybody = (Expect(b"\x05\x01\x00"), Send(b"\x05\x00"))
    opened = Send(b"\x05\x00\x00\x01" + bytes(6))
    unreached = (Send(b"\x05\x05\x00\x01" + bytes(6)), Close())
    first, then = (Expect(b"\xc0\x00\x02" + each + b"\x00\x50") for each in (b"\x06", b"\x07"))
    return (
        story(
            "a hedge by TLS",
            get(f"{SECURE_A}/1"),
            peers={SECURE_A: (SILENT, serve(ok(b"1")))},
            hedge=LATER,
        ),
        story(
            "a hedge by TLS, within the handshake of the first",
            get(f"{SECURE_A}/1"),
            peers={SECURE_A: (serve(ok(b"1")), serve(ok(b"2")))},
            hedge=HedgePolicy(after=0.45),
        ),
        story(
            "a hedge by tunnels",
            get(f"{SECURE_A}/1"),
            peers={http: ((*tunnel, *SILENT), (*tunnel, *serve(ok(b"1"))))},
            proxies={"https": http},
            hedge=HedgePolicy(after=1.6),
        ),
        story(
            "a hedge by a tunnel that is not opened",
            get(f"{SECURE_A}/1"),
            peers={http: (SILENT, (*tunnel, *serve(ok(b"1"))))},
            proxies={"https": http},
            hedge=LATER,
        ),
        story(
            "a hedge by SOCKS that is told the next address",
            get(f"{A}/1"),
            peers={
                socks: (
                    (*anybody, first, *unreached),
                    (*anybody, then, opened, *SILENT),
                    (*anybody, first, *unreached),
                    (*anybody, then, opened, *serve(ok(b"1"))),
                )
            },
            proxies={"http": "socks5://proxy.test:1080"},
            names={"a.test": ("192.0.2.6", "192.0.2.7")},
            hedge=HedgePolicy(after=2.0),
        ),
    )


def sent_twice(story: Story) -> tuple[Scenario, ...]:
    """Requests that lead on, have content, or take their turn."""
    asked = ok(b"who", ("Proxy-Authenticate", 'Basic realm="r"'), status=407)
    content: Any = {"data": b"content"}
    expects = {**content, "headers": {"Expect": "100-continue"}}
    go_on = Send(b"HTTP/1.1 100 Continue\r\n\r\n")
    refusal = ok(b"no", ("Connection", "close"), status=413)
    return (
        story(
            "a hedge for each hop",
            get(f"{A}/1"),
            peers={
                A: (SILENT, serve(moved(302, f"{B}/2", content=b"away" * 30))),
                B: (SILENT, serve(ok(b"2"))),
            },
            hedge=LATER,
        ),
        story(
            "a hedge, and content",
            Intent("PUT", f"{A}/1", content),
            peers={A: ((*answer(content=7), WaitClosed()), serve(answer(ok(b"in"), content=7)))},
            hedge=LATER,
        ),
        story(
            "a hedge, and content that waits for 100",
            Intent("PUT", f"{A}/1", expects),
            peers={A: (SILENT, (*answer(), go_on, *answer(ok(b"in"))[1:], *serve()))},
            hedge=HedgePolicy(after=0.7),
        ),
        story(
            "a hedge, and large content that is refused early",
            Intent("PUT", f"{A}/1", {"data": bytes(300_000)}),
            peers={A: (SILENT, (ReadHead(), Send(refusal), WaitClosed()))},
            hedge=LATER,
        ),
        story(
            "a hedge by a proxy that asks who it is",
            get(f"{A}/1"),
            peers={"http://proxy.test:3128": (SILENT, serve(asked, ok(b"1")))},
            proxies={"http": "http://u:p@proxy.test:3128"},
            hedge=LATER,
        ),
        story(
            "a hedge with credentials",
            get(f"{A}/1", auth=HTTPBasicAuth("u", "p")),
            peers={A: (SILENT, serve(ok(b"1")))},
            hedge=LATER,
        ),
        story(
            "a hedge that takes its turn",
            *(get(f"{A}/{n}") for n in range(2)),
            peers={A: (SILENT, serve(ok(b"0"), ok(b"1")))},
            limit="1/s",
            hedge=SOON,
        ),
    )


def sent_once(story: Story) -> tuple[Scenario, ...]:
    """Requests that are not sent twice."""
    return (
        story(
            "no hedge for POST",
            Intent("POST", f"{A}/1", {"data": b"content"}),
            peers={A: (serve(answer(ok(b"in"), content=7)),)},
            hedge=SOON,
        ),
        story(
            "no hedge without a budget",
            get(f"{A}/1"),
            peers={A: (serve(ok(b"1")),)},
            hedge=HedgePolicy(after=0.1, budget=0),
        ),
    )


def owned(story: Story) -> tuple[Scenario, ...]:
    """Code of the user's, beside the other exchange or between two."""
    hooks = {"informational": inform}
    return (
        story(
            "a hedge, and informational heads that the user sees",
            get(f"{A}/1", hooks=hooks),
            peers={A: ((*answer(HINTS), WaitClosed()), serve(HINTS + ok(b"1")))},
            hedge=HedgePolicy(after=0.6),
        ),
        story(
            "a hedge, and a retry rule of the user's",
            get(f"{A}/1"),
            peers={A: (GONE, GONE, serve(ok(b"1")))},
            hedge=SOON,
            retries=Patience(),
        ),
        story(
            "a hedge, and a token of the user's",
            get(f"{A}/1", auth=TokenAuth()),
            peers={A: (SILENT, serve(ok(b"1")))},
            hedge=LATER,
        ),
        story(
            "no hedge for a flow of the user's",
            get(f"{A}/1", auth=TokenFlow()),
            peers={A: (serve(ok(b"1")),)},
            hedge=LATER,
        ),
    )
