"""The command that an adapter's arguments stand for, and what the call behind it insists on."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from sojourn_core import (
    DIRECT,
    PRIVATE_NETWORKS,
    Policy,
    PreparedRequest,
    Request,
    Route,
    SendSettings,
    Timeouts,
)
from sojourn_core.commands import Send
from sojourn_core.messages.adapter_send import Lent, on_behalf, send_of
from sojourn_core.messages.constraints import Constraints
from sojourn_core.messages.preparation import Preparation
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.errors import ConnectionError as LostConnection
from sojourn_core.values.errors import InvalidProxyURL
from sojourn_core.values.timeouts import NO_TIMEOUTS
from tests.core.conversation import URL, respond

PROXY = "http://u:p@proxy.test"
BASIC = "Basic dTpw"
THROUGH = Route(parse_proxy(PROXY))


def prepared(sending: Send | None = None) -> PreparedRequest:
    request = Request("GET", URL).prepare()
    return request if sending is None else Lent(sending).copy


def made(request: PreparedRequest, now: float = 0.0, **given: Any) -> Send:
    """The command for these arguments of ``send``."""
    arguments = {"stream": False, "timeout": None, "verify": True, "cert": None, "proxies": None}
    return send_of(request, now, **{**arguments, **given})


def asked(**given: Any) -> Send:
    """What a call has asked for."""
    networks = given.pop("refused_networks", ())
    settings = SendSettings(refused_networks=networks)
    route = given.pop("route", DIRECT)
    return Send(prepared(), route, settings, given.pop("deadline", inf), **given)


def test_arguments_become_a_command() -> None:
    request = prepared()
    found = made(request, stream=True, timeout=(1, 2), verify="ca.pem", cert="me.pem")
    assert found.request is request
    assert (found.route, found.deadline, found.fresh) == (DIRECT, inf, False)
    assert (found.settings.stream, found.settings.timeout) == (True, (1, 2))
    assert (found.settings.verify, found.settings.cert) == ("ca.pem", "me.pem")
    assert (found.settings.timeouts.connect, found.settings.timeouts.read) == (1, 2)


@pytest.mark.parametrize(
    ("timeout", "deadline"),
    [(None, inf), (5, inf), (Timeouts(total=7.0), 107.0), (NO_TIMEOUTS, inf)],
)
def test_the_deadline_of_the_whole(timeout: Any, deadline: float) -> None:
    assert made(prepared(), 100.0, timeout=timeout).deadline == deadline


@pytest.mark.parametrize(
    ("proxies", "route", "told"),
    [
        (None, DIRECT, None),
        ({"https": PROXY}, DIRECT, None),
        ({"http": ""}, DIRECT, None),
        ({"http": PROXY}, THROUGH, BASIC),
        ({"all": "proxy.test"}, Route(parse_proxy("proxy.test")), None),
    ],
)
def test_the_proxy_that_fits_is_asked(proxies: Any, route: Route, told: str | None) -> None:
    found = made(prepared(), proxies=proxies)
    assert (found.route, found.proxy_authorization) == (route, told)


def test_a_proxy_that_is_none() -> None:
    with pytest.raises(InvalidProxyURL):
        made(prepared(), proxies={"http": "ftp://proxy.test"})


@pytest.mark.parametrize("timeout", ["soon", (1, 2, 3, 4, 5)])
def test_a_timeout_that_is_none(timeout: Any) -> None:
    with pytest.raises(ValueError, match="timeout"):
        made(prepared(), timeout=timeout)


# --- what the call insists on -----------------------------------------------------------------


def test_a_transport_that_works_for_nobody_has_its_way() -> None:
    send = asked(deadline=5.0)
    assert on_behalf(prepared(), send) is send
    assert send.deadline == 5.0


@pytest.mark.parametrize(
    ("of_call", "of_transport", "deadline"), [(5.0, inf, 5.0), (inf, 7.0, 7.0), (5.0, 7.0, 5.0)]
)
def test_the_earlier_deadline_holds(of_call: float, of_transport: float, deadline: float) -> None:
    request = prepared(asked(deadline=of_call))
    assert on_behalf(request, asked(deadline=of_transport)).deadline == deadline


@pytest.mark.parametrize("fresh", [True, False])
def test_a_fresh_connection_is_what_the_call_says_it_is(fresh: bool) -> None:
    assert on_behalf(prepared(asked(fresh=fresh)), asked(fresh=not fresh)).fresh is fresh


def test_closed_networks_stay_closed() -> None:
    request = prepared(asked(refused_networks=PRIVATE_NETWORKS))
    assert made(request).settings.refused_networks == PRIVATE_NETWORKS
    assert made(prepared(asked())).settings.refused_networks == ()


@pytest.mark.parametrize(
    ("call", "own", "told"),
    [
        ((THROUGH, "Digest x"), (THROUGH, None), "Digest x"),
        ((THROUGH, "Digest x"), (THROUGH, BASIC), "Digest x"),
        ((THROUGH, "Digest x"), (THROUGH, "Custom y"), "Custom y"),  # It has its own reasons.
        ((THROUGH, None), (THROUGH, BASIC), BASIC),
        ((DIRECT, None), (THROUGH, BASIC), BASIC),
        ((THROUGH, "Digest x"), (DIRECT, None), None),
        ((Route(parse_proxy("other.test")), "Digest x"), (THROUGH, BASIC), BASIC),
    ],
)
def test_what_a_proxy_is_told_is_for_that_proxy(call: Any, own: Any, told: str | None) -> None:
    request = prepared(asked(route=call[0], proxy_authorization=call[1]))
    found = on_behalf(request, asked(route=own[0], proxy_authorization=own[1]))
    assert (found.route, found.proxy_authorization) == (own[0], told)


def test_the_charset_of_the_policy_tells_what_is_usual() -> None:
    route = Route(parse_proxy("http://%C3%BC:p@proxy.test"))
    request = prepared(asked(route=route, proxy_authorization="Digest x"))
    request.preparation = Preparation(Policy.requests())
    own = asked(route=route, proxy_authorization="Basic /Dpw")
    assert on_behalf(request, own).proxy_authorization == "Digest x"


# --- the copy that a transport is handed ------------------------------------------------------


def test_what_a_transport_sets_on_its_copy_is_carried_back() -> None:
    command = asked(refused_networks=PRIVATE_NETWORKS)
    request = command.request
    with Lent(command) as lent:
        assert lent.copy is not request
        assert type(lent.copy) is type(request)
        assert lent.copy.constraints == Constraints(refused_networks=PRIVATE_NETWORKS)
        assert request.constraints is None
        lent.copy.url = "http://b.test/"
        lent.copy.headers["X-A"] = "1"
        lent.copy.body = b"abc"
    assert (request.url, request.headers["X-A"], request.body) == ("http://b.test/", "1", b"abc")
    assert (request.constraints, lent.copy.constraints) == (None, None)


def test_a_response_names_the_request_of_the_caller() -> None:
    command = asked()
    earlier, response = respond(302), respond(200)
    with Lent(command) as lent:
        earlier.request = response.request = lent.copy
        response.history = [earlier]
        assert lent.named(response) is response
    assert earlier.request is response.request is command.request


def test_a_response_to_another_request_names_that() -> None:
    other = prepared()
    response = respond(200)
    with Lent(asked()) as lent:
        response.request = other
        lent.named(response)
    assert response.request is other


def test_an_error_names_the_request_of_the_caller_and_what_was_changed_stays() -> None:
    command = asked()
    error = LostConnection("lost")
    response = error.response = respond(407)

    def send() -> None:
        with Lent(command) as lent:
            error.request = response.request = lent.copy
            lent.copy.method = "PUT"
            raise error

    with pytest.raises(LostConnection):
        send()
    assert error.request is response.request is command.request
    assert command.request.method == "PUT"
