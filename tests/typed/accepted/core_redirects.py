"""The rules of a redirect, asked as functions."""

from sojourn_core import (
    Answered,
    Fields,
    Follow,
    Ignore,
    Policy,
    Refuse,
    decide_redirect,
    parse_url,
    resolve_location,
)


def target(url: str, location: str) -> str:
    answered = Answered.of(
        "POST", url, 302, sent={"Accept": "*/*"}, received=Fields([("Location", location)])
    )
    verdict = decide_redirect(answered, Policy())
    match verdict:
        case Follow(url=found, method=method):
            return f"{method} {found.text}"
        case Refuse(error=error):
            return str(error)
        case Ignore():
            return resolve_location(parse_url(url), location).text
