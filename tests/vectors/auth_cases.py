"""``auth/*``: challenges as they are read, and Digest answers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn_core import Fields, PreparedRequest, Response
from sojourn_core.rules.auth.challenge import parse_challenges
from sojourn_core.rules.auth.digest import (
    Asked,
    DigestCredentials,
    answer,
    choose_challenge,
    write_credentials,
)
from sojourn_core.rules.auth.digest_auth import HTTPDigestAuth
from sojourn_core.values.record import replace

from .runner import assert_right, checks

if TYPE_CHECKING:
    from .runner import Case

QUOTED = {"username", "realm", "nonce", "uri", "response", "cnonce", "opaque"}


@checks("auth/challenge_parsing.json")
def check_challenges(case: Case) -> None:
    found = [
        {"scheme": each.scheme, "token68": each.token68}
        if each.token68 is not None
        else {"scheme": each.scheme, "params": each.params}
        for each in parse_challenges(case["headers"])
    ]
    if case["expected"] == {"invalid": True}:  # It is left out.
        assert found == []
    else:
        assert_right(case, found)


def without_case(params: dict[str, str] | None) -> dict[str, str] | None:
    """Parameters with the algorithm in lower case: it compares without regard to case."""
    if params is None or "algorithm" not in params:
        return params
    return {**params, "algorithm": params["algorithm"].lower()}


def params_of(field: str | None) -> dict[str, str] | None:
    """The parameters of a field, each of which has to be quoted just if it must be."""
    if field is None:
        return None
    (credentials,) = parse_challenges([field])
    assert credentials.scheme == "digest"
    for name in credentials.params:
        assert (f'{name}="' in field) == (name in QUOTED), name
    return without_case(dict(credentials.params))


def right(case: Case) -> Case:
    """A case in which algorithms are in lower case."""
    others = [without_case(each) for each in case.get("acceptable", [])]
    return {**case, "expected": without_case(case["expected"]), "acceptable": others}


@checks("auth/digest.json")
def check_digest(case: Case) -> None:
    if "sequence" in case:
        check_sequence(case)
        return
    challenge = choose_challenge(parse_challenges(case["challenges"]))
    field = None
    if challenge is not None:
        params = answer(
            challenge,
            DigestCredentials(username=case["username"], password=case["password"]),
            Asked(case["method"], case["uri"], case.get("body", "").encode("latin-1")),
            cnonce=case.get("cnonce", "unused"),
            nonce_count=case.get("nc", 1),
        )
        field = write_credentials(params)
    assert_right(right(case), params_of(field))


def check_sequence(case: Case) -> None:
    """A conversation: what each request says, and the response to it."""
    auth = HTTPDigestAuth(case["username"], case["password"])
    flow = auth.begin()
    again: PreparedRequest | None = None  # What the last response led to.
    for step in case["sequence"]:
        if step.get("give_up"):
            assert again is None
            continue
        sent = again
        if sent is None:
            flow = auth.begin()
            sent = prepared(case, step)
            flow(sent)
        assert sent.method == step["method"]
        assert sent.parsed_url.target == step["uri"]
        assert_right(right({**case, **step, "expected": step["expect"]}), field_params(sent))
        lines = [("WWW-Authenticate", value) for value in step.get("challenges", ())]
        if "authentication_info" in step:
            lines.append(("Authentication-Info", step["authentication_info"]))
        response = Response()
        response.status_code = step["response_status"]
        response.headers = Fields(lines)
        again = flow.respond(sent.copy(), response)
    assert again is None


def field_params(request: PreparedRequest) -> dict[str, str] | None:
    return params_of(request.headers.get("authorization"))


def prepared(case: Case, step: dict[str, Any]) -> PreparedRequest:
    request = PreparedRequest()
    request.prepare(step["method"], f"http://a.test{step['uri']}", data=step.get("body") or None)
    # As many octets as the cnonce of the case has, whatever is asked for.
    cnonce = bytes.fromhex(case["cnonce"])
    request.preparation = replace(request.preparation, entropy=lambda _: cnonce)
    return request
