"""``redirect/*``: where redirects lead, by which method, and what goes along.

Each case is a call of a session, driven by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sojourn_core import Policy, Request, Session
from sojourn_core.commands import Deliver, Discard, Fail, Rewind, Send
from sojourn_core.values.url.reference import resolve_reference
from sojourn_core.values.url.url import parse_url
from tests.core.conversation import redirect, respond

from .runner import assert_right, checks

if TYPE_CHECKING:
    from collections.abc import Collection

    from sojourn_core import Call, PreparedRequest, Response

    from .runner import Case

VALUES: Final = {"Digest": "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="}


def follow(call: Call, response: Response) -> PreparedRequest | None:
    """The request that a response leads to; None if it is delivered.

    Raises:
        RequestException: If the redirect is refused.
    """
    command = call.answered(response, 0.0)
    if isinstance(command, Deliver):
        return None
    assert isinstance(command, Discard)
    command = call.discarded(0.0)
    if isinstance(command, Rewind):
        command.content.rewind()
        command = call.rewound(0.0)
    if isinstance(command, Fail):
        raise command.error
    assert isinstance(command, Send)
    return command.request


def started(session: Session, method: str, url: str, **given: Any) -> Call:
    call = session.call(Request(method, url, **given))
    assert isinstance(call.start(0.0), Send)
    return call


# --- where ------------------------------------------------------------------------------------


def answer_to(case: Case) -> object:
    """The URL of the last request, or what there is instead, in the words of the cases."""
    call = started(Session(), "GET", case["base"])
    url = call.request.url
    for locations in [case["location"], *([each] for each in case.get("chain", ()))]:
        response = respond(302, *(("Location", location) for location in locations))
        command = call.answered(response, 0.0)
        if isinstance(command, Deliver):
            return {"not_followed": True}
        command = call.discarded(0.0)
        if isinstance(command, Fail):
            return {"error": True}
        assert isinstance(command, Send)
        url = command.request.url
        assert url is not None
        assert parse_url(url).text == url
    return url


@checks("redirect/resolution.json")
def check_resolution(case: Case) -> None:
    if case["group"] == "rfc3986":
        (location,) = case["location"]
        assert_right(case, resolve_reference(case["base"], location))
        return
    answer = answer_to(case)
    if case["expected"] is not None:  # There is no right answer to these, but a wrong one is.
        assert_right(case, answer)
    assert str(answer).isprintable()


# --- by which method --------------------------------------------------------------------------


@checks("redirect/method_rewrite.json")
def check_method_rewrite(case: Case) -> None:
    status, method = case["status"], case["method"]
    check_row(case, case["expected"], Policy.browser())
    expected = case["expected"]
    if status == 302 and method in {"PUT", "PATCH", "DELETE", "OPTIONS"}:
        # "The default policy meets it too, except that 302 turns these into GET."
        dropped = [name.lower() for name in case["rfc9110"]["must_drop_if_changed_to_get_or_head"]]
        expected = {
            "followed": True,
            "method": "GET",
            "body_kept": False,
            "dropped": dropped if case["has_body"] else [],
            "never_sent_after": ["transfer-encoding"],
        }
    check_row(case, expected, Policy())
    check_row(case, measured_by(case, "requests"), Policy.requests())
    # Content that is gone is framed as in Requests here, which curl does otherwise.
    by_curl = measured_by(case, "curl")
    if method == "PUT" and status in {301, 302, 303}:
        # The cases were measured with -X PUT and --data. The policy has the PUT of --upload-file,
        # which was measured by hand: 301 and 302 repeat it, and 303 turns it into GET.
        kept = {"method": "PUT", "body_kept": True, "dropped": []}
        turned = {"method": "GET", "body_kept": False, "never_sent_after": ["transfer-encoding"]}
        by_curl |= kept if status in {301, 302} else turned
    check_row(case, by_curl, Policy.curl(), but={"content-length"})


def measured_by(case: Case, tool: str) -> dict[str, Any]:
    """What a program did. Other columns are for information; these two have a policy of theirs."""
    given = {name.lower() for name in case["request_headers"]}
    measured = {"never_sent_after": [], "dropped": [], **case["tools"][tool]}
    if measured["followed"] and not measured["body_kept"]:
        measured["never_sent_after"] = ["transfer-encoding"]
    measured["dropped"] = [name for name in measured["dropped"] if name in given]
    return measured


def check_row(
    case: Case, expected: dict[str, Any], policy: Policy, but: Collection[str] = ()
) -> None:
    """Compare a row with what a policy does, but for these fields."""
    content = b"content" if case["has_body"] else None
    given = {
        name: VALUES.get(name, "canary")
        for name in case["request_headers"]
        if name.lower() != "content-length"
    }
    session = Session(policy=policy)
    call = started(session, case["method"], "http://a.test/x", headers=given, data=content)
    first = call.request.copy()
    request = follow(call, redirect(case["status"], "/y"))
    assert (request is not None) == expected["followed"]
    if request is None:
        return
    assert request.method == expected["method"]
    assert (request.body == b"content") == expected["body_kept"]
    assert (request.body is None) == (not expected["body_kept"])
    gone = {name.lower() for name in first.headers} - {name.lower() for name in request.headers}
    named = {name.lower() for name in case["request_headers"]}
    assert named & gone - {*but} == {*expected["dropped"]} - {*but}
    if "content_length_sent" in expected:
        assert request.headers["Content-Length"] == expected["content_length_sent"]
    for name in expected["never_sent_after"]:
        assert name not in request.headers


# --- what goes along --------------------------------------------------------------------------


@checks("redirect/credential_strip.json")
def check_credential_strip(case: Case) -> None:
    check_safe(case)
    check_requests(case)
    check_curl(case)


def hops_of(case: Case, policy: Policy) -> list[PreparedRequest]:
    """The requests that the redirects of a case lead to."""
    call = started(Session(policy=policy), "GET", case["first_url"], headers=case["given"])
    assert len(case["hops"]) == len(case["locations"])
    requests = []
    for location, hop in zip(case["locations"], case["hops"], strict=True):
        request = follow(call, redirect(case["status"], location))
        assert request is not None
        assert request.parsed_url.origin == parse_url(hop["url"]).origin
        assert request.parsed_url.target == parse_url(hop["url"]).target
        requests.append(request)
    return requests


def check_safe(case: Case) -> None:
    for request, expected in zip(hops_of(case, Policy()), case["hops"], strict=True):
        for name, wanted in expected["safe"].items():
            values = request.headers.get_all(name)
            match wanted:
                case "sent":
                    assert values == [case["given"][name]], name
                case "dropped":
                    assert values == [], name
                case _:
                    assert wanted == "either"
                    assert values in ([], [case["given"][name]]), name


def check_requests(case: Case) -> None:
    """``tools.requests`` is what the policy that is faithful to Requests does."""
    measured = case["tools"]["requests"]
    for request, fields in zip(hops_of(case, Policy.requests()), measured, strict=True):
        for name, did in fields.items():
            assert request.headers.get_all(name) == given_if(did, case, name), name


def check_curl(case: Case) -> None:
    """The same for curl, but for two things that no policy does.

    Proxy-Authorization goes to no origin, and what was dropped once does not come back when the
    chain returns: curl looks only whether a host is the first one.
    """
    measured = case["tools"]["curl"]
    gone = {"Proxy-Authorization"}
    for request, fields in zip(hops_of(case, Policy.curl()), measured, strict=True):
        for name, did in fields.items():
            values = request.headers.get_all(name)
            assert values == ([] if name in gone else given_if(did, case, name)), name
            if not values:
                gone.add(name)


def given_if(did: str, case: Case, name: str) -> list[str]:
    assert did in {"sent", "dropped"}
    return [case["given"][name]] if did == "sent" else []
