"""Sessions that are pickled and copied: no setting is left behind, or becomes another, unsaid."""

from __future__ import annotations

import copy
import pickle
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
import sojourn.compat
import sojourn_core

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = [sojourn_core.Session, sojourn.Session, sojourn.AsyncSession, sojourn.compat.Session]
LOCAL = KINDS[1:]

kind_of_session = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__)
local_kind = pytest.mark.parametrize("kind", LOCAL, ids=lambda kind: kind.__module__)
travel = pytest.mark.parametrize("travel", [pickle.dumps, copy.deepcopy])


class Locked:
    """What nobody can pickle."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


@kind_of_session
@travel
def test_a_context_does_not_become_trust_in_the_world(
    kind: Callable[[], Any], travel: Callable[[Any], Any]
) -> None:
    session = kind()
    session.verify = ssl.create_default_context()
    with pytest.raises(
        TypeError, match=r"^the session's verify has no form as data \(SSLContext\)"
    ):
        travel(session)


@local_kind
@travel
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auth", Locked()),
        ("params", {"a": Locked()}),
        ("hooks", {"response": [Locked()]}),
        ("adapters", {"http://": Locked()}),
        ("proxies", {"http": (each for each in ())}),
        ("cert", open("/dev/null", "rb")),  # noqa: SIM115 - it is never read
    ],
)
def test_what_has_no_form_as_data_is_named(
    kind: Callable[[], Any], travel: Callable[[Any], Any], name: str, value: Any
) -> None:
    session = kind()
    setattr(session, name, value)
    with pytest.raises(TypeError, match=f"^the session's {name} has no form as data"):
        travel(session)


@kind_of_session
def test_a_shallow_copy_shares_what_the_session_has(kind: Callable[[], Any]) -> None:
    session = kind()
    session.verify, session.auth = ssl.create_default_context(), Locked()
    session.headers["X-Kept"] = "yes"
    made = copy.copy(session)
    assert type(made) is kind
    assert (made.verify, made.auth, made.cookies) == (session.verify, session.auth, session.cookies)
    assert made.headers["X-Kept"] == "yes"


@local_kind
def test_a_deep_copy_shares_functions(kind: Callable[[], Any]) -> None:
    session = kind()
    session.auth = lambda request: request
    assert copy.deepcopy(session).auth is session.auth
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(session)


@kind_of_session
@pytest.mark.parametrize("verify", [True, False, None, "ca.pem", "system"])
def test_what_is_data_travels(kind: Callable[[], Any], verify: Any) -> None:
    session = kind()
    session.verify = verify
    for made in (pickle.loads(pickle.dumps(session)), copy.deepcopy(session), copy.copy(session)):
        assert made.verify == verify
