"""Plays one case with a driver, and tells what is wrong."""

from __future__ import annotations

import gc
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from sojourn.testing.conformance.leaks import Before
from sojourn.testing.conformance.streams import DeadListener

from .ask import MessageAsk
from .server import LoopbackHost
from .web import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .case import Asked, MessageCase
    from .driver import MessageDriver

HOSTS: Final = ("http://a.test", "http://b.test")  # Of a web within the process.


def check_messages(case: MessageCase, make_driver: Callable[[], MessageDriver]) -> None:
    """Play a case with a driver of its own.

    Raises:
        AssertionError: The driver does something wrong; the message tells all of it.
    """
    __tracebackhide__ = True  # The message tells all there is to know.
    faults = list(_play(case, make_driver))
    if faults:
        raise AssertionError("\n".join([f"{case.name}:", *(f"  - {each}" for each in faults)]))


def _play(case: MessageCase, make_driver: Callable[[], MessageDriver]) -> Iterator[str]:
    driver = make_driver()
    before = Before()
    site = Site()
    hosts: list[LoopbackHost] = []
    try:
        if "own web" in driver.offers:
            a, b = HOSTS
        else:
            hosts = [LoopbackHost(site, "127.0.0.1"), LoopbackHost(site, "localhost")]
            a, b = (host.url for host in hosts)
        pages, asked = case.make(a, b)
        site.show(pages)
        if not hosts:
            driver.serve(site)
        for number, each in enumerate(asked, 1):
            said = f"request {number}: " if len(asked) > 1 else ""
            for fault in _ask(driver, each, a, b):
                yield f"{said}{fault}"
        yield from case.judge(site)
    finally:
        driver.close()
        for host in hosts:
            host.close()
    for host in hosts:
        yield from host.faults
    for left in driver.left_open():
        yield f"left open: {left}"
    gc.collect()  # So that circles are closed by now.
    yield from before.left()


def _ask(driver: MessageDriver, asked: Asked, a: str, b: str) -> Iterator[str]:
    given: Any = asked.arguments
    arguments: Mapping[str, Any] = given() if callable(asked.arguments) else given
    with closing(DeadListener()) as nobody:  # Its port is taken, and nobody listens there.
        ask = MessageAsk(
            asked.method,
            asked.url.format(a=a, b=b, nobody=f"http://127.0.0.1:{nobody.address.port}"),
            arguments,
            asked.options,
            stops_after=asked.stops_after,
            on_piece=asked.on_piece,
        )
        try:
            driver.fetch(ask)
        except Exception as error:  # noqa: BLE001 - it is what the driver does wrong
            ask.fault = error
    if ask.fault is not None:
        yield f"{type(ask.fault).__name__} came out of it: {ask.fault}"
    elif asked.error is not None:
        yield from _judge_error(ask, asked)
    elif ask.error is not None:
        yield f"it failed: {type(ask.error).__name__}: {ask.error}"
    elif ask.response is None:
        yield "there was no response"
    else:
        yield from _judge_response(ask, asked, a, b)


def _judge_error(ask: MessageAsk, asked: Asked) -> Iterator[str]:
    raised: Any = ask.error
    if raised is None:
        status = None if ask.response is None else ask.response.status_code
        yield f"no error came, but {status} with {ask.content[:60]!r}"
        return
    if not isinstance(raised, asked.error or ()):
        name = type(raised).__name__
        yield f"{name} is no {asked.error and asked.error.__name__}: {raised}"
        return
    error: Any = raised
    if asked.unsent and error.maybe_sent:
        yield "the error says that the request may have been sent"
    if asked.history and tuple(hop.status_code for hop in error.history) != asked.history:
        yield f"the way to the error is {error.history}, and not {asked.history}"
    if asked.content not in (None, b"ok", ask.content):
        yield f"before the error came {ask.content!r}, and not {asked.content!r}"


def _judge_response(ask: MessageAsk, asked: Asked, a: str, b: str) -> Iterator[str]:
    response: Any = ask.response
    if response.status_code != asked.status:
        yield f"the status is {response.status_code}, and not {asked.status}"
    if asked.content is not None and ask.content != asked.content:
        yield f"the content is {ask.content[:60]!r}, and not {asked.content[:60]!r}"
    if asked.stops_after is None and not ask.ended:
        yield "the end of the content was not told"
    history = tuple(hop.status_code for hop in response.history)
    if history != asked.history:
        yield f"the history is {history}, and not {asked.history}"
    if asked.ends_at is not None and response.url != asked.ends_at.format(a=a, b=b):
        yield f"the URL is {response.url}"
    for name, values in asked.fields.items():
        if response.headers.get_all(name) != values:
            yield f"field {name} is {response.headers.get_all(name)}, and not {values}"
