"""Every threat that is a conversation, held with the core and with every entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.scenarios.comparing import unlike

from . import addresses, bodies, injection, netrc, places, proxies, redirects
from .runners import RUNNERS, arguments_of, learnt, run_cli, scenario_of
from .talk import SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios.model import Record, Result
    from tests.servers.authority import Authority

    from .talk import End, Talk

MODULES: Final = (redirects, proxies, netrc, addresses, injection, places, bodies)
TALKS: Final[tuple[Talk, ...]] = tuple(talk for module in MODULES for talk in module.TALKS)
TRIED: Final = frozenset(talk.id for talk in TALKS)
CASES: Final = [
    pytest.param(talk, runner, id=f"{talk.name}-{runner}")
    for talk in TALKS
    for runner in talk.runners
    if runner != "cli" or arguments_of(talk) is not None
]


@pytest.mark.parametrize(("talk", "runner"), CASES)
def test_a_talk_betrays_nothing(
    talk: Talk, runner: str, ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in talk.environ.items():
        monkeypatch.setenv(name, value)
    if talk.netrc is not None:
        file = tmp_path / "netrc"
        file.write_text(talk.netrc)
        monkeypatch.setenv("NETRC", str(file))
    scenario = scenario_of(talk)
    if runner == "cli":
        codes, record = run_cli(talk, scenario, ca)
        assert [code == 0 for code in codes] == [end.error is None for end in talk.ends]
    else:
        record = RUNNERS[runner](scenario, ca)
        for end, result in zip(talk.ends, record.results, strict=True):
            check(end, result)
    assert unlike(talk.seen, record) == []
    check_secret(talk, record)


def check(end: End, result: Result) -> None:
    """Hold what came of a request against what must."""
    assert (result.status, result.error) == (end.status, end.error), result.message
    assert end.says in result.message
    assert SECRET not in result.message
    if end.content is not None:
        assert result.content == end.content
    if end.error is not None:
        assert result.answered == end.answered
    told = {decision.code for decision in result.decisions}
    told |= {f"{decision.code} {decision.subject}" for decision in result.decisions}
    assert set(end.codes) <= told
    assert not set(end.not_codes) & told
    assert not any(SECRET in repr(decision) for decision in result.decisions)


def check_secret(talk: Talk, record: Record) -> None:
    """See that nobody has learnt what is not for them."""
    for origin, connections in record.received.items():
        for requests in connections:
            for request in requests:
                if origin not in talk.knows:
                    assert SECRET not in learnt(request), origin


def test_each_name_is_of_one_talk() -> None:
    names = [talk.name for talk in TALKS]
    assert len(set(names)) == len(names)
