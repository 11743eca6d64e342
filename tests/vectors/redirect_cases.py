"""``redirect/*``: where redirects lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.errors import InvalidSchema, InvalidURL
from sojourn_core.url import URL, parse_url, resolve_location, resolve_reference

from .runner import assert_right, checks

if TYPE_CHECKING:
    from .runner import Case


def next_url(url: URL, locations: list[str]) -> URL | None:
    """Where the first of these Location lines leads from a URL, its fragment included.

    None if the response is not a redirect to follow.
    """
    if not locations[0]:
        return None
    target = resolve_location(url, locations[0])
    return target.with_fragment(url.fragment) if target.fragment is None else target


def answer_to(case: Case) -> object:
    """The URL of the last request, or what there is instead, in the words of the cases."""
    url = parse_url(case["base"])
    for locations in [case["location"], *([each] for each in case.get("chain", ()))]:
        try:
            target = next_url(url, locations)
        except (InvalidSchema, InvalidURL):
            return {"error": True}
        if target is None:
            return {"not_followed": True}
        assert parse_url(target.text) == target
        url = target
    return url.text


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
