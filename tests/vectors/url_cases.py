"""``url/*``: what becomes of a URL that the caller gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.errors import InvalidSchema, InvalidURL, MissingSchema
from sojourn_core.values.url.prepare import prepare_url
from sojourn_core.values.url.url import parse_url

from .runner import assert_right, checks

if TYPE_CHECKING:
    from .runner import Case

KINDS: Final = {
    InvalidSchema: "invalid_scheme",
    InvalidURL: "invalid_url",
    MissingSchema: "missing_scheme",
}


@checks("url/prepare.json")
@checks("url/params.json")
def check_prepare(case: Case) -> None:
    params = case.get("params")
    if isinstance(params, list):
        params = [tuple(pair) for pair in params]
    try:
        text = prepare_url(case["input"], params)
    except tuple(KINDS) as error:
        kind = KINDS[type(error)]
    else:
        assert_right(case, text)
        assert prepare_url(text) == text
        return
    assert kind in {case.get("error"), case.get("acceptable_error")}


@checks("url/wire.json")
def check_wire(case: Case) -> None:
    url = parse_url(case["input"])
    auth = None
    if url.userinfo is not None:  # The octets of Basic, as text.
        auth = ":".join(url.userinfo).encode().decode("latin-1")
    assert_right(case, url.target, "target")
    assert_right(case, url.host_field, "host")
    assert_right(case, auth, "auth")
