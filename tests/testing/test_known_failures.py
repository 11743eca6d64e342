"""Faults that clients had are found again, if the rule that prevents them is switched off.

Each is a policy, a session of its own or a rule that is replaced; all chains of a small size are
looked at, and the shortest that shows the fault has one redirect or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from sojourn.testing import (
    FIELDS_WITHIN_LIST,
    NO_CONTENT_LOST,
    NO_CREDENTIAL_ELSEWHERE,
    SECRETS_FLOW_NOWHERE,
    Invariant,
    check_small_scope,
)
from sojourn.testing.machine import RedirectMachine
from sojourn_core import Content, Policy, Session
from sojourn_core.call import dispatch
from sojourn_core.rules import redirect_fields

if TYPE_CHECKING:
    from sojourn.testing import Sent

Patch = pytest.MonkeyPatch
STRICT = Policy(keep_authorization_on_upgrade=False)


class ComparesHosts(Session):
    """CVE-2018-18074: credentials go wherever the host is the same."""

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        return old_url.split("/")[2] != new_url.split("/")[2]


class TellsTheOrigin(Session):
    """CVE-2023-32681: each redirect sets Proxy-Authorization, tunnel or not."""

    def rebuild_proxies(self, prepared_request: Any, proxies: Any) -> Any:
        prepared_request.headers["Proxy-Authorization"] = "Basic YWRhOnMzY3JldFByMHh5TG9naW4="
        return super().rebuild_proxies(prepared_request, proxies)


class KeepsCookies(Session):
    """CVE-2023-43804: a Cookie field that was given by hand stays on the request."""

    def rebuild_cookies(self, old: Any, request: Any, *_: Any, **given: Any) -> None:
        if "cookie" in old.headers:
            request.headers["Cookie"] = old.headers["cookie"]


class ReadsTheUser(Session):
    """CVE-2024-47081: the host of a netrc entry is what stands before a colon."""

    def _look_up(self, netrc: Any, prepared: Any, login: str | None = None) -> Any:
        name = (prepared.userinfo or ("",))[0] or prepared.parsed_url.host
        return None if netrc is None else netrc.lookup(name)


def let_pass(monkeypatch: Patch) -> None:
    monkeypatch.setattr(dispatch, "without_proxy_field", lambda request: request)


def compare_hosts(monkeypatch: Patch) -> None:
    strips = redirect_fields.strips_authorization

    def compares(old: Any, new: Any, policy: Policy) -> bool:
        return strips(old, new, policy) and old.host != new.host

    monkeypatch.setattr(redirect_fields, "strips_authorization", compares)


def send_what_is_left(monkeypatch: Patch) -> None:
    monkeypatch.setattr(Content, "rewindable", True)
    monkeypatch.setattr(Content, "rewind", lambda content: setattr(content, "_taken", False))


@dataclass(frozen=True)
class Fault:
    """A fault, and the invariant that it breaks."""

    name: str
    broken: Invariant
    says: str
    hops: int = 1
    policy: Policy = STRICT
    session: type[Session] = Session
    replaces: Any = None


FAULTS = [
    Fault(
        "CVE-2018-18074",
        NO_CREDENTIAL_ELSEWHERE,
        "Authorization is that of",
        replaces=compare_hosts,
    ),
    Fault(
        "CVE-2018-18074 by an override",
        NO_CREDENTIAL_ELSEWHERE,
        "Authorization is that of",
        session=ComparesHosts,
    ),
    Fault(
        "CVE-2023-32681",
        NO_CREDENTIAL_ELSEWHERE,
        "its origin sees Proxy-Authorization",
        session=TellsTheOrigin,
        replaces=let_pass,
    ),
    Fault(
        "CVE-2023-43804", NO_CREDENTIAL_ELSEWHERE, "cookie given is that of", session=KeepsCookies
    ),
    Fault(
        "fields with keys",
        FIELDS_WITHIN_LIST,
        "X-Api-Key is not on the list",
        policy=Policy(cross_origin_fields=None),
    ),
    Fault(
        "content of a generator",
        NO_CONTENT_LOST,
        "its content is not that of",
        replaces=send_what_is_left,
    ),
    Fault(
        "cookies without a domain",
        NO_CREDENTIAL_ELSEWHERE,
        "cookie kept is that of",
        policy=STRICT.replace(unscoped_cookies_travel=True),
    ),
    Fault(
        "CVE-2024-47081",
        NO_CREDENTIAL_ELSEWHERE,
        "netrc of a.test",
        hops=0,
        session=ReadsTheUser,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_small_scope_shows_the_fault(fault: Fault, monkeypatch: Patch) -> None:
    if fault.replaces is not None:
        fault.replaces(monkeypatch)
    found = check_small_scope(fault.policy, fault.broken, session=fault.session)
    assert found is not None
    assert found.hops == fault.hops
    assert fault.says in found.reason
    assert found.text.endswith(f"broken: {found.reason}")
    assert found.mermaid.startswith("sequenceDiagram\n")
    assert "s3cret" not in found.text + found.mermaid


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_without_the_fault_there_is_nothing(fault: Fault) -> None:
    assert check_small_scope(STRICT, fault.broken, hops=2) is None


@pytest.mark.parametrize("name", ["fields with keys", "cookies without a domain"])
def test_secrets_are_seen_to_flow(name: str) -> None:
    fault = next(fault for fault in FAULTS if fault.name == name)
    found = check_small_scope(fault.policy, SECRETS_FLOW_NOWHERE, session=fault.session)
    assert found is not None
    assert found.hops == 1


@pytest.mark.parametrize("name", ["CVE-2018-18074", "cookies without a domain"])
def test_a_machine_shows_the_fault(name: str, monkeypatch: Patch) -> None:
    fault = next(fault for fault in FAULTS if fault.name == name)
    if fault.replaces is not None:
        fault.replaces(monkeypatch)

    class Machine(RedirectMachine):
        policy = fault.policy
        make_session = fault.session

        def check(self, send: Sent) -> None:
            fault.broken(self.trail)

    quick = settings(
        max_examples=300,
        stateful_step_count=4,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),
    )
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(Machine, settings=quick)
    notes = "\n".join(getattr(caught.value, "__notes__", []))
    assert notes.count("state.redirect(") + notes.count("state.mislead(") <= 2
