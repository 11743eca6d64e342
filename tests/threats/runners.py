"""Who the talks are held with: the bare core, both bindings, the drop-in and the command line."""

from __future__ import annotations

import io
import sys
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import sojourn.compat
from sojourn.cli import main
from sojourn.local.environment import read_environment
from sojourn_core import HTTPDigestAuth, Policy, RequestException
from sojourn_core.rules.policy import DEFAULT_POLICY
from tests.scenarios import bare, loopback
from tests.scenarios.loopback import peers_of
from tests.scenarios.model import Outcome, Record, Result, Scenario
from tests.scenarios.results import ask, failure, prepare_session, result_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.model import Intent, Received
    from tests.servers.authority import Authority

    from .talk import Talk

NO_CALL: Final = mock.Mock(decisions=[])


def fresh(value: Any) -> Any:
    """The same credentials, which have not been challenged yet."""
    if isinstance(value, HTTPDigestAuth):
        return type(value)(value.username, value.password)
    if isinstance(value, dict):
        return {name: fresh(each) for name, each in value.items()}
    return value


def scenario_of(talk: Talk) -> Scenario:
    """The scenario that a talk is, for the runners of scenarios."""
    return Scenario(
        name=talk.name,
        intents=tuple(replace(each, arguments=fresh(each.arguments)) for each in talk.intents),
        peers=talk.peers,
        outcomes=tuple(Outcome() for _ in talk.intents),
        seen=talk.seen,
        setup=replace(talk.setup, attributes=fresh(talk.setup.attributes)),
        plain=talk.plain,
    )


def run_core(scenario: Scenario, authority: Authority) -> Record:
    """Hold it with the bare core, which is told of the environment as a binding would."""
    with mock.patch.object(bare.Session, "read_environment", side_effect=read_environment):
        return bare.run(scenario, authority)


class CompatSession(sojourn.compat.Session):
    """The drop-in under the default policy; it remembers its last call."""

    default_policy: Policy = DEFAULT_POLICY
    last: Any = None

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """As ever."""
        self.last = super().call(*args, **kwargs)
        return self.last

    def open_call(self, *args: Any, **kwargs: Any) -> Any:
        """Likewise, where a request becomes a call in one step."""
        self.last = super().open_call(*args, **kwargs)
        return self.last


def run_compat(scenario: Scenario, authority: Authority) -> Record:
    """Hold it with the drop-in for Requests."""
    with peers_of(scenario, authority) as peers:
        with CompatSession() as session:
            for name, value in scenario.setup.options.items():
                setattr(session, name, value)
            prepare_session(session, scenario.setup, authority)
            results = tuple(_ask(session, intent) for intent in scenario.intents)
        return Record(results, peers.received(), ())


def _ask(session: CompatSession, intent: Intent) -> Result:
    arguments, data = ask(intent)
    session.last = None
    try:
        response = session.request(intent.method, intent.url, data=data, **arguments)
    except RequestException as error:
        return failure(error, session.last, data)
    return result_of(response, session.last, data)


# --- the command line -----------------------------------------------------------------------------


def arguments_of(talk: Talk) -> list[list[str]] | None:
    """The arguments of the program for each intent; None if it has not all of them."""
    if talk.setup.attributes or talk.setup.options or talk.setup.cookies:
        return None
    if len(talk.intents) > 1:  # Each run of the program is a session of its own.
        return None
    made = [_arguments(intent) for intent in talk.intents]
    return None if None in made else [each for each in made if each is not None]


def _arguments(intent: Intent) -> list[str] | None:
    if intent.content is not None or not isinstance(intent.url, str):
        return None
    made = ["get", intent.url, "-X", intent.method]
    for name, value in intent.arguments.items():
        match name, value:
            case "headers", dict() | list() | tuple():
                pairs = value.items() if isinstance(value, dict) else value
                for field, text in pairs:
                    if not (isinstance(field, str) and isinstance(text, str)):
                        return None
                    made += ["-H", f"{field}: {text}" if text else f"{field};"]
            case "auth", (str(user), str(password)):
                made += ["-a", f"{user}:{password}"]
            case "data", str() if value and value[0] != "@":
                made += ["-d", value]
            case "allow_redirects", False:
                made += ["--no-follow"]
            case "timeout", float() | int():
                made += ["--timeout", str(value)]
            case _:
                return None
    return made


@contextmanager
def streams() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    """Have standard output and standard error in memory."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with mock.patch.object(sys, "stdout", out), mock.patch.object(sys, "stderr", err):
        yield out, err


def run_program(*arguments: str) -> tuple[int, bytes, str]:
    """Run the program in this process: its exit code, and what it wrote to both streams."""
    with streams() as (out, err):
        code = main(arguments)
        for each in (out, err):
            each.flush()
        return code, out.buffer.getvalue(), err.buffer.getvalue().decode()


def run_cli(talk: Talk, scenario: Scenario, authority: Authority) -> tuple[list[int], Record]:
    """Hold it with the command line: its exit codes, and what the peers have got."""
    given = arguments_of(talk)
    assert given is not None
    codes: list[int] = []
    with peers_of(scenario, authority) as peers:
        for arguments in given:
            code, _, told = run_program(*arguments, "--cacert", str(authority.path), "--explain")
            assert "SECRET" not in told, told
            codes.append(code)
        return codes, Record((), peers.received(), ())


RUNNERS: Final = {
    "core": run_core,
    "sync": loopback.run_sync,
    "asyncio": loopback.run_asyncio,
    "compat": run_compat,
}


# --- what was learnt ------------------------------------------------------------------------------


def learnt(request: Received) -> str:
    """All that a peer has learnt from a request, with what is only encoded decoded."""
    lines = [request.line, *(f"{name}: {value}" for name, value in request.fields)]
    for _, value in request.fields:
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "basic":
            lines.append(b64decode(rest + "==").decode("latin-1"))
    return "\n".join([*lines, (request.content or b"").decode("latin-1")])
