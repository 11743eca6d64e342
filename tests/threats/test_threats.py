"""Every threat to cookies that is on the list, tried on the core and on both bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn.local.public_suffixes import is_public_suffix
from sojourn_core import parse_url
from tests.bindings.clients import BINDINGS

from .clients import Client, Core, duplicate, loopback
from .cookies import THREATS
from .model import (
    Ask,
    Copy,
    CrossSite,
    Kept,
    KeptCount,
    KeptDays,
    Load,
    Malformed,
    Reload,
    SetByHand,
    Store,
    Within,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.authority import Authority

    from .model import Step, Threat

DAY: Final = 24 * 60 * 60


@pytest.fixture(params=["core", *BINDINGS])
def client(request: pytest.FixtureRequest, ca: Authority, tmp_path: Path) -> Iterator[Client]:
    if request.param == "core":
        yield Core()
        return
    with loopback(request.param, ca, tmp_path) as made:
        yield made


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat.name)
def test_a_threat_comes_to_nothing(
    threat: Threat, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    if threat.needs_list:
        pytest.importorskip("publicsuffixlist")
        client.session.cookies.is_public_suffix = is_public_suffix
    for step in threat.steps:
        take(step, client, folder)


def take(step: Step, client: Client, folder: Path) -> None:
    """Take one step, and check what comes of it."""
    session = client.session
    jar = session.cookies
    match step:
        case Ask():
            check_asked(step, client)
        case Store(url, sets):
            jar.store(sets, parse_url(url), client.now())
        case Malformed(url, line):
            before = list(jar)
            client.refuse(url, line)
            assert list(jar) == before
        case SetByHand(name, value, where, refused):
            if refused:
                check_refused(step, jar)
            else:
                jar.set(name, value, **where)
        case Reload(form):
            before = list(jar)
            session.cookies = client.load(client.save(form))
            if form == "json":  # All of a cookie, its time included.
                assert list(session.cookies) == before
        case Load(text):
            session.cookies = client.load(text.encode("latin-1"))
        case Copy():
            check_copied(step, client, folder)
        case Kept(cookies):
            found = [
                (each.name, each.domain if each.host_only else f".{each.domain}", each.same_site)
                for each in jar
            ]
            assert sorted(found) == sorted(cookies)
        case KeptCount(count_max, names):
            assert len(jar) <= count_max
            assert set(names) <= {cookie.name for cookie in jar}
        case KeptDays(days_max):
            ends = [cookie.expires for cookie in jar if cookie.expires is not None]
            assert ends
            assert max(ends) <= client.now() + days_max * DAY
        case CrossSite(url, sent):
            cookies = jar.retrieve(
                parse_url(url), client.now(), same_site=False, top_level=False, method="POST"
            )
            assert ("; ".join(cookie.pair for cookie in cookies) or None) == sent


def check_asked(ask: Ask, client: Client) -> None:
    """Make a request, and look at all that were sent."""
    sent, response = client.ask(ask)
    assert response.status_code == 200
    assert response.headers.get_all("set-cookie") == list(ask.all[-1].sets)
    assert len(sent) == len(ask.all)
    for expected, (url, field) in zip(ask.all, sent, strict=True):
        assert parse_url(url) == parse_url(expected.url)
        match expected.sent:
            case Within(size_max, count_max):
                assert field is not None
                assert len(field) <= size_max
                assert field.count(";") + 1 <= count_max
            case exact:
                assert field == exact


def check_refused(given: SetByHand, jar: Any) -> None:
    """Set a cookie that must be refused."""
    before = list(jar)
    with pytest.raises(ValueError, match="cookie") as caught:
        jar.set(given.name, given.value, **given.where)
    assert "SECRET" not in str(caught.value)
    assert list(jar) == before


def check_copied(step: Copy, client: Client, folder: Path) -> None:
    """Copy the session among files that hold cookies for all the hosts of the tests."""
    line = "a.test\tFALSE\t/\tFALSE\t0\tsid\tEVIL\n"
    for name in step.files:
        (folder / name).write_text(f"# Netscape HTTP Cookie File\n{line}")
    made = duplicate(client.session, step)
    assert list(made.cookies) == list(client.session.cookies)
    client.replace(made)
    assert {path.name for path in folder.iterdir()} == set(step.files)


def test_each_name_is_of_one_threat() -> None:
    names = [threat.name for threat in THREATS]
    assert len(set(names)) == len(names)
