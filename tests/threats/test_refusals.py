"""Every threat in what a caller passes on: refused at each entry point, and nothing is asked."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import pytest

import sojourn
import sojourn.compat
from sojourn_core import Request, RequestException, Session
from sojourn_core.commands import Fail
from sojourn_core.values.errors import InvalidHeader
from tests.bindings.clients import Binding
from tests.core.conversation import WALL

from .injection import REFUSALS
from .runners import CompatSession, arguments_of, run_program
from .talk import End, Talk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .refusal import Refusal

TRIED: Final = frozenset(refusal.id for refusal in REFUSALS)


def as_program(refusal: Refusal) -> list[str] | None:
    """The arguments of the command line, if it has them all."""
    if not isinstance(refusal.method, str) or refusal.spoil or refusal.method == "":
        return None
    intent = mock.Mock(
        method=refusal.method, url=refusal.url, arguments=refusal.arguments, content=None
    )
    talk = Talk(id="", intents=(intent,), peers={}, ends=(End(),))
    made = arguments_of(talk)
    return None if made is None else made[0]


CASES: Final = [
    pytest.param(refusal, runner, id=f"{refusal.name}-{runner}")
    for refusal in REFUSALS
    for runner in refusal.runners
    if runner != "cli" or as_program(refusal) is not None
]


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The hosts that a binding asks for; there are none of them."""
    hosts: list[str] = []

    def resolve(host: str, _: int) -> Any:
        hosts.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "there is no such host")

    async def resolve_async(host: str, port: int) -> Any:
        return resolve(host, port)

    with (
        mock.patch("sojourn.sync.exchange_driver.resolve", resolve),
        mock.patch("sojourn.aio.backend.resolve", resolve_async),
    ):
        yield hosts


@pytest.mark.parametrize(("refusal", "runner"), CASES)
def test_it_is_refused_before_anything_is_asked(
    refusal: Refusal, runner: str, asked: list[str]
) -> None:
    if runner == "cli":
        code, out, told = run_program(*(as_program(refusal) or ()))
        assert (code, out) == (2, b"")
    else:
        error = RUN[runner](refusal)
        assert type(error) is refusal.error, error
        assert not getattr(error, "maybe_sent", False)
        told = str(error)
    assert refusal.says in told
    assert "SECRET" not in told
    if refusal.error is InvalidHeader:  # Names are shown, and values never.
        assert "X-Inj: 1" not in told
    assert asked == []


def in_core(refusal: Refusal) -> BaseException:
    """What the core makes of it."""
    owner = Session(entropy=bytes)
    owner.set_clock(0.0, WALL)
    given = dict(refusal.arguments)
    proxies = given.pop("proxies", {})
    try:
        prepared = owner.prepare_request(Request(refusal.method, refusal.url, **given))
        if refusal.spoil is not None:
            refusal.spoil(prepared)
        command = owner.call(prepared, settings=owner.settings_for(proxies=proxies)).start(0.0)
    except RequestException as error:
        return error
    assert isinstance(command, Fail), command
    return command.error


def in_binding(refusal: Refusal, name: str) -> BaseException:
    """What a binding makes of it."""
    binding = Binding(name)
    try:
        return ask(refusal, binding.session(), binding.run)
    finally:
        binding.close()


def in_drop_in(refusal: Refusal) -> BaseException:
    """What the drop-in makes of it, under the policy of Requests."""
    with CompatSession() as session:
        session.policy = sojourn.compat.Session.default_policy
        return ask(refusal, session, lambda response: response)


def ask(refusal: Refusal, session: Any, run: Any) -> BaseException:
    """Make the request."""
    if refusal.spoil is None:
        with pytest.raises(RequestException) as caught:
            run(session.request(refusal.method, refusal.url, **refusal.arguments))
    else:
        made = session.prepare_request(session_request(session)(refusal.method, refusal.url))
        refusal.spoil(made)
        with pytest.raises(RequestException) as caught:
            run(session.send(made, proxies=refusal.arguments.get("proxies")))
    return caught.value


def session_request(session: Any) -> Any:
    """The class of the requests that a session prepares."""
    return (
        sojourn.compat.Request if isinstance(session, sojourn.compat.Session) else sojourn.Request
    )


RUN: Final[dict[str, Any]] = {
    "core": in_core,
    "sync": lambda refusal: in_binding(refusal, "sync"),
    "asyncio": lambda refusal: in_binding(refusal, "asyncio"),
    "compat": in_drop_in,
}


def test_each_name_is_of_one_refusal() -> None:
    names = [refusal.name for refusal in REFUSALS]
    assert len(set(names)) == len(names)
