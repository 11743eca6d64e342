"""The redirect methods of a session, and subclasses that override them.

What an override changes must change what happens, and leave a decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sojourn_core import (
    Policy,
    PreparedRequest,
    RedirectHop,
    RedirectVerdict,
    Request,
    Rewrite,
    Session,
)
from sojourn_core.call.redirect_methods import RedirectRules
from sojourn_core.commands import Deliver, Discard, Fail, Load, Send
from sojourn_core.values.errors import InvalidMethod
from sojourn_core.values.url.url import parse_url
from tests.core.conversation import URL, codes, hop, redirect, respond, session, start

if TYPE_CHECKING:
    from sojourn_core import Response

OTHER = "http://b.test/y"


def prepared(url: str = OTHER, method: str = "POST", **headers: str) -> PreparedRequest:
    return Request(method, url, headers=headers).prepare()


def answer(status: int, location: str = OTHER, url: str = URL) -> Response:
    response = redirect(status, location)
    response.url = url
    response.request = prepared(url)
    return response


# --- as they are ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "location", "target"),
    [(302, "/y", "/y"), (302, "", None), (200, "/y", None), (300, "/y", None)],
)
def test_the_target_of_a_redirect(status: int, location: str, target: str | None) -> None:
    assert session().get_redirect_target(redirect(status, location)) == target


def test_a_response_without_a_status_leads_nowhere() -> None:
    response = redirect(302, "/y")
    response.status_code = None
    assert session().get_redirect_target(response) is None


@pytest.mark.parametrize(
    ("old", "new", "strips"),
    [
        (URL, "http://a.test:80/", False),
        (URL, "https://a.test/", False),
        (URL, OTHER, True),
        ("https://a.test/", URL, True),
    ],
)
def test_whether_credentials_are_stripped(old: str, new: str, strips: bool) -> None:
    assert session().should_strip_auth(old, new) is strips


@pytest.mark.parametrize(("status", "method"), [(303, "GET"), (307, "POST"), (200, "POST")])
def test_the_method_is_rebuilt_in_place(status: int, method: str) -> None:
    request = prepared()
    session().rebuild_method(request, respond(status))
    assert request.method == method


def test_no_method_stays_none() -> None:
    request = prepared()
    request.method = None
    session().rebuild_method(request, respond(303))
    assert request.method is None


@pytest.mark.parametrize("known_by", ["request", "url"])
@pytest.mark.parametrize(("to", "kept"), [(OTHER, False), ("http://a.test/z", True)])
def test_credentials_are_rebuilt_in_place(known_by: str, to: str, kept: bool) -> None:
    response = answer(302)
    if known_by == "url":
        response.request = None
    request = prepared(to, Authorization="secret")
    session().rebuild_auth(request, response)
    assert ("authorization" in request.headers) is kept


def test_without_credentials_there_is_nothing_to_rebuild() -> None:
    request = prepared()
    session().rebuild_auth(request, answer(302))
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("proxies", "field"),
    [
        ({"http": "http://proxy.test"}, None),
        ({"http": "http://u:p@proxy.test"}, "Basic dTpw"),
        ({"all": "http://u:p@proxy.test"}, "Basic dTpw"),
        ({"https": "http://u:p@proxy.test"}, None),
        ({}, None),
    ],
)
def test_each_proxy_has_its_own_credentials(proxies: dict[str, str], field: str | None) -> None:
    request = prepared(**{"Proxy-Authorization": "secret"})
    assert session().rebuild_proxies(request, proxies) == proxies
    assert request.headers.get("Proxy-Authorization") == field


@pytest.mark.parametrize("proxies", [{"http": ""}, {"http": None}, {"https": "socks5://p.test"}])
def test_a_hop_that_goes_directly_has_no_credentials_of_a_proxy(proxies: dict[str, Any]) -> None:
    request = prepared(**{"Proxy-Authorization": "secret"})
    assert session().rebuild_proxies(request, proxies) == proxies
    assert "proxy-authorization" not in request.headers


def test_rules_alone_know_no_settings() -> None:
    rules = RedirectRules()
    with pytest.raises(NotImplementedError):
        rules.netrc_credentials(prepared())
    with pytest.raises(NotImplementedError):
        rules.apply_auth(prepared(), None, "nobody")
    with pytest.raises(NotImplementedError):
        rules.resolve_proxies(parse_url(URL), {})


# --- overridden -------------------------------------------------------------------------------


class Elsewhere(Session):
    """Follows a field of its own, whatever the status."""

    def get_redirect_target(self, resp: Response) -> str | None:
        return resp.headers.get("x-location")


def test_an_override_says_where_a_redirect_leads() -> None:
    call = start(Elsewhere(), "GET", URL)
    request = hop(call, redirect(302, "/theirs", ("X-Location", "/ours")))
    assert request.url == "http://a.test/ours"
    assert codes(call) == ["redirect.target.overridden", "redirect.followed"]


@pytest.mark.parametrize("status", [200, 201, 300])
def test_an_override_makes_a_redirect_of_what_is_none(status: int) -> None:
    call = start(Elsewhere(), "GET", URL)
    assert hop(call, respond(status, ("X-Location", "/ours"))).url == "http://a.test/ours"
    assert codes(call) == ["redirect.target.overridden", "redirect.followed"]


def test_an_override_takes_a_redirect_for_none() -> None:
    call = start(Elsewhere(), "GET", URL)
    response = redirect(302, "/theirs")
    assert call.answered(response, 0.0) == Deliver(response)
    assert codes(call) == ["redirect.target.overridden"]


def test_an_override_that_agrees_is_not_worth_a_word() -> None:
    call = start(Elsewhere(), "GET", URL)
    call.answered(respond(200), 0.0)
    assert codes(call) == []


class Nowhere(Session):
    def get_redirect_target(self, resp: Response) -> str | None:
        return ""


def test_an_empty_target_is_none() -> None:
    call = start(Nowhere(), "GET", URL, redirects=False)
    response = redirect(302, "/theirs")
    call.answered(response, 0.0)
    assert response.next is None
    call = start(Nowhere(), "GET", URL)
    assert call.answered(response, 0.0) == Deliver(response)
    assert codes(call) == ["redirect.target.overridden"]


class AsItWas(Session):
    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        pass


class ToPut(Session):
    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        prepared_request.method = "PUT"


class ToNothing(Session):
    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        prepared_request.method = None


@pytest.mark.parametrize(
    ("owner", "status", "method", "sent", "overridden"),
    [
        (AsItWas, 303, "POST", "POST", True),
        (AsItWas, 307, "POST", "POST", False),
        (ToPut, 303, "POST", "PUT", True),
        (ToPut, 307, "PUT", "PUT", False),
    ],
)
def test_an_override_chooses_the_method_and_with_it_the_content(
    owner: type[Session], status: int, method: str, sent: str, overridden: bool
) -> None:
    call = start(owner(), method, URL, data=b"content", headers={"Content-Type": "text/plain"})
    request = hop(call, redirect(status, "/y"))
    assert (request.method, request.body) == (sent, b"content")
    assert request.headers["Content-Type"] == "text/plain"
    assert ("redirect.method.overridden" in codes(call)) is overridden


def test_an_override_may_not_take_the_method_away() -> None:
    call = start(ToNothing(), "GET", URL)
    call.answered(redirect(302, "/y"), 0.0)
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, InvalidMethod)


class Objects(Session):
    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        raise InvalidMethod("not that one")


def test_an_override_may_refuse_a_redirect() -> None:
    call = start(Objects(), "GET", URL)
    response = redirect(302, "/y")
    assert isinstance(call.answered(response, 0.0), Discard)
    command = call.discarded(0.0)
    assert isinstance(command, Fail)
    assert str(command.error) == "not that one"
    assert (command.error.request, command.error.response) == (call.request, response)
    assert codes(call) == ["redirect.refused.request"]


class NeverStrips(Session):
    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        return False


class AlwaysStrips(Session):
    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        return True


class LeavesAuth(Session):
    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        pass


class SetsAuth(Session):
    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        prepared_request.headers["Authorization"] = "theirs"


@pytest.mark.parametrize(
    ("owner", "location", "sent", "overridden"),
    [
        (Session, "/y", "ours", False),
        (Session, OTHER, None, False),
        (NeverStrips, "/y", "ours", False),
        (NeverStrips, OTHER, "ours", True),
        (AlwaysStrips, "/y", None, True),
        (AlwaysStrips, OTHER, None, False),
        (LeavesAuth, "/y", "ours", False),
        (LeavesAuth, OTHER, "ours", True),
        (SetsAuth, "/y", "theirs", True),
        (SetsAuth, OTHER, "theirs", True),
    ],
)
def test_an_override_decides_on_credentials(
    owner: type[Session], location: str, sent: str | None, overridden: bool
) -> None:
    call = start(owner(), "GET", URL, headers={"Authorization": "ours"})
    request = hop(call, redirect(302, location))
    assert request.headers.get("authorization") == sent
    assert ("auth.overridden" in codes(call)) is overridden
    assert not any("ours" in str(d) or "theirs" in str(d) for d in call.decisions)


class SetsFields(Session):
    """Adds what the redirect had dropped, at the last moment there is."""

    given: dict[str, str]

    def rebuild_proxies(self, prepared_request: PreparedRequest, proxies: Any) -> Any:
        prepared_request.headers.update(self.given)
        return proxies


def with_fields(**given: str) -> SetsFields:
    owner = SetsFields()
    owner.given = given
    return owner


def test_no_override_sends_credentials_of_a_proxy_to_an_origin() -> None:
    call = start(with_fields(**{"Proxy-Authorization": "secret"}), "GET", URL)
    assert "proxy-authorization" not in hop(call, redirect(302, "/y")).headers
    assert codes(call) == ["redirect.followed", "auth.stripped.proxy"]


@pytest.mark.parametrize(
    ("location", "overridden"), [("/y", False), (OTHER, True)], ids=["same", "other"]
)
def test_a_cookie_that_an_override_sets_for_another_origin(location: str, overridden: bool) -> None:
    call = start(with_fields(Cookie="theirs=1"), "GET", URL)
    assert hop(call, redirect(302, location)).headers["Cookie"] == "theirs=1"
    assert ("cookie.overridden" in codes(call)) is overridden


def test_the_cookies_of_another_origin_are_no_override() -> None:
    owner = session()
    owner.cookies.set("of", "b", domain="b.test")
    call = start(owner, "GET", URL)
    assert hop(call, redirect(302, OTHER)).headers["Cookie"] == "of=b"
    assert "cookie.overridden" not in codes(call)


def test_overrides_see_the_next_request_and_the_response_that_leads_to_it() -> None:
    seen: list[tuple[str, str | None, str | None, str | None]] = []

    class Watching(Session):
        def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
            seen.append(("method", prepared_request.method, prepared_request.url, response.url))
            super().rebuild_method(prepared_request, response)

        def rebuild_proxies(self, prepared_request: PreparedRequest, proxies: Any) -> Any:
            seen.append(("proxies", prepared_request.method, prepared_request.url, proxies["http"]))
            return super().rebuild_proxies(prepared_request, proxies)

        def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
            seen.append(("auth", prepared_request.method, prepared_request.url, response.url))
            super().rebuild_auth(prepared_request, response)

    owner = Watching()
    owner.proxies = {"http": "http://proxy.test"}
    call = owner.call(Request("POST", URL))
    assert isinstance(call.start(0.0), Send)
    assert isinstance(call.answered(redirect(303, OTHER), 0.0), Discard)
    assert seen == [
        ("method", "POST", OTHER, URL),
        ("proxies", "GET", OTHER, "http://proxy.test"),
        ("auth", "GET", OTHER, URL),
    ]


# --- asked once, and before it is decided -------------------------------------------------------


def test_a_rule_is_asked_once_and_shown_the_method_that_an_override_chose() -> None:
    seen: list[tuple[str, str]] = []

    def rule(each: RedirectHop) -> RedirectVerdict:
        seen.append((each.method, each.method_after))
        return RedirectVerdict.FOLLOW

    call = start(ToPut(policy=Policy(on_redirect=rule)), "POST", URL)
    assert hop(call, redirect(303, "/y")).method == "PUT"
    assert seen == [("POST", "PUT")]


def test_a_rule_may_lead_elsewhere_than_where_the_method_was_chosen() -> None:
    policy = Policy(on_redirect=lambda each: Rewrite(OTHER))
    call = start(ToPut(policy=policy), "POST", URL, headers={"Authorization": "ours"})
    request = hop(call, redirect(303, "/y"))
    assert (request.method, request.url) == ("PUT", OTHER)
    assert "authorization" not in request.headers


def test_one_decision_tells_of_credentials_that_stay() -> None:
    call = start(session(), "GET", URL, headers={"Authorization": "ours"})
    hop(call, redirect(302, OTHER))
    assert codes(call).count("auth.stripped.cross-origin") == 1


def test_a_method_that_is_replaced_on_one_session_is_an_override(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = session()
    monkeypatch.setattr(owner, "rebuild_auth", lambda prepared_request, response: None)
    monkeypatch.setattr(
        owner, "rebuild_method", lambda request, response: setattr(request, "method", "PUT")
    )
    call = start(owner, "POST", URL, headers={"Authorization": "ours"})
    request = hop(call, redirect(303, OTHER))
    assert (request.method, request.headers["Authorization"]) == ("PUT", "ours")
    assert {"redirect.method.overridden", "auth.overridden"} <= set(codes(call))


@pytest.mark.parametrize("location", ["http:///nowhere", "ftp://a.test/x"])
def test_a_redirect_that_is_refused_is_refused_whatever_the_method(location: str) -> None:
    call = start(ToPut(), "POST", URL)
    call.answered(redirect(303, location), 0.0)
    assert isinstance(call.discarded(0.0), Fail)
    assert codes(call)[-1].startswith("redirect.refused.")


def test_any_field_that_an_override_changes_is_a_decision() -> None:
    class Tagging(Session):
        def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
            prepared_request.headers["X-Tag"] = "1"
            super().rebuild_auth(prepared_request, response)

    owner = Tagging()
    call = start(owner, "GET", URL)
    assert hop(call, redirect(302, "/y")).headers["X-Tag"] == "1"
    found = [(d.code, d.subject, d.after) for d in call.decisions]
    assert ("field.overridden", "X-Tag", "http://a.test") in found


# --- what user code raises --------------------------------------------------------------------


class Mine(Exception):
    """Raised by an override."""


@pytest.mark.parametrize(
    "method", ["get_redirect_target", "rebuild_method", "rebuild_auth", "rebuild_proxies"]
)
def test_what_an_override_raises_is_what_the_call_fails_with(method: str) -> None:
    raised = Mine()

    def override(self: Session, *arguments: Any) -> Any:
        raise raised

    owner = type("Overriding", (Session,), {method: override})()
    call = start(owner, "GET", URL)
    response = redirect(302, "/y")
    command = call.answered(response, 0.0)
    assert isinstance(command, Discard)
    assert (command.response, command.limit) == (response, 0)
    assert call.discarded(0.0) == Fail(raised)


def test_it_has_the_content_read_of_a_response_that_is_no_redirect() -> None:
    raised = Mine()

    class Overriding(Session):
        def get_redirect_target(self, resp: Response) -> str | None:
            raise raised

    call = start(Overriding(), "GET", URL)
    response = respond(200)
    assert call.answered(response, 0.0) == Load(response)
    assert call.loaded(0.0) == Fail(raised)


def test_a_look_at_the_next_request_asks_each_override_once() -> None:
    asked: list[str] = []

    class Counting(Session):
        def get_redirect_target(self, resp: Response) -> str | None:
            asked.append("target")
            return super().get_redirect_target(resp)

        def rebuild_method(self, prepared_request: Any, response: Response) -> None:
            asked.append("method")
            super().rebuild_method(prepared_request, response)

        def rebuild_auth(self, prepared_request: Any, response: Response) -> None:
            asked.append("auth")
            super().rebuild_auth(prepared_request, response)

    call = start(Counting(), "GET", URL, redirects=False)
    response = redirect(302, "/y")
    call.answered(response, 0.0)
    assert asked == []
    assert response.next is response.next
    assert asked == ["target", "method", "auth"]
