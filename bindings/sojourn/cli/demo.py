"""``sojourn demo``: one session goes through two origins, tells what happens, and checks it.

The story has two parts: a login, and an order that takes its caller to another origin and home
again. What the session says it did is compared with what the servers saw.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from sojourn.sync.session import Session
from sojourn_core.rules.auth.credentials import basic_credentials

from . import codes
from .origins import Answer, Origin
from .story import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn.sync.response import Response

    from .output import Output

# Home must see each of them, and nobody else may.
USER: Final = "ada"
PASSWORD: Final = "a-password-for-home-only"  # noqa: S105 - made up for the demo
SESSION_COOKIE: Final = "a-cookie-for-home-only"
API_KEY: Final = "a-key-for-home-only"
ORDER: Final[dict[str, str | int]] = {"item": "tea", "cups": 2}

SECRET_FIELDS: Final = ("authorization", "cookie", "x-api-key")
SECRETS: Final = (
    PASSWORD,
    SESSION_COOKIE,
    API_KEY,
    basic_credentials(USER, PASSWORD, "utf-8").partition(" ")[2],
)

RULE: Final = "-" * 78


class Promise(NamedTuple):
    """A promise of the session.

    Attributes:
        text: The promise, in a sentence.
        kept: True if the servers and the responses bear it out.
    """

    text: str
    kept: bool


def run_demo(out: Output, problems: Output) -> int:
    """Show the demo, and return the exit code.

    Raises:
        Ending: It could not be carried through.
        BrokenPipeError: Nobody reads the output any more.
    """
    try:
        promises = _run_through(out)
    except BrokenPipeError:
        raise
    except OSError as error:  # Every error of Sojourn's is one.
        raise codes.Ending(codes.FAILED, f"the demo broke off: {error}") from error
    out.line("What the two servers saw", "title")
    out.line()
    for text, kept in promises:
        out.line(f"  {'kept  ' if kept else 'BROKEN'}  {text}", "kept" if kept else "problem")
    out.line()
    broken = sum(not promise.kept for promise in promises)
    if broken:
        out.flush()
        problems.line(f"sojourn: {broken} of {len(promises)} promises are broken", "problem")
        return codes.FAILED
    out.line(f"All {len(promises)} promises were kept.")
    out.flush()
    return codes.OK


def _run_through(out: Output) -> list[Promise]:
    """Tell the story as it happens."""
    # Two names, not just two ports: cookies do not tell ports apart (RFC 6265bis 8.5).
    with Origin("127.0.0.1") as home, Origin("localhost") as other, Session() as session:
        _set_up(home, other)
        _introduce(out, home, other)
        login = session.post(f"{home.url}/login", data={"user": USER, "password": PASSWORD})
        _show(out, "Part 1: logging in", _LOGIN, login)
        order = session.post(
            f"{home.url}/orders",
            json=ORDER,
            auth=(USER, PASSWORD),
            headers={"X-Api-Key": API_KEY},
        )
        _show(out, "Part 2: an order that takes us elsewhere, and home again", _ORDER, order)
        return list(_promises(home, other, login, order))


def _set_up(home: Origin, other: Origin) -> None:
    home.answers = {
        ("POST", "/login"): Answer(
            303,
            (
                ("Location", "/account"),
                ("Set-Cookie", f"session={SESSION_COOKIE}; Path=/; HttpOnly"),
            ),
        ),
        ("GET", "/account"): Answer(200, content=f"Welcome, {USER}.\n"),
        ("POST", "/orders"): Answer(307, (("Location", "orders/new"),)),
        ("POST", "/orders/new"): Answer(303, (("Location", f"//localhost:{other.port}/payment"),)),
        ("GET", "/orders/latest"): Answer(302, (("Location", "7"),)),
        ("GET", "/orders/7"): Answer(200, content="Order 7: 2 cups of tea, paid.\n"),
    }
    other.answers = {
        ("GET", "/payment"): Answer(302, (("Location", f"{home.url}/orders/latest#paid"),)),
    }


_LOGIN: Final = (
    "A form is posted. The server answers 303, See Other: the result is elsewhere, and is to be",
    "fetched with GET. It also sets a cookie, which goes along from then on.",
)
_ORDER: Final = (
    "An order is posted as JSON, with a password and an API key. Watch where they go:",
    "the 307 asks for the same request again, at a relative Location; the 303 leads to another",
    "origin, by a Location without a scheme; from there the way leads home, to a fragment.",
)


def _introduce(out: Output, home: Origin, other: Origin) -> None:
    out.line(
        "One session, two origins. Both servers run in this program, and end with it.", "title"
    )
    out.line()
    out.line(f"  home   {home.url}   knows us, by a password, a cookie and a key")
    out.line(f"  other  {other.url}   does not, and must learn none of them")
    out.line()
    out.line("A number is a request, -> its response, and * a decision of the session, with its")
    out.line("reason and the section that says so.")
    out.line()


def _show(out: Output, title: str, words: tuple[str, ...], response: Response) -> None:
    out.line(RULE)
    out.line(title, "title")
    for line in words:
        out.line(line)
    out.line()
    request = response.request
    assert request is not None
    out.lines(tell(response.history, response, request, response.decisions, whole_urls=True))
    out.line(f"   content: {response.text.strip()}")
    out.line()


def _promises(home: Origin, other: Origin, login: Response, order: Response) -> Iterator[Promise]:
    at_home = {(seen.method, seen.target): seen for seen in home.seen}
    away = other.seen
    account = at_home.get(("GET", "/account"))
    first, again = at_home.get(("POST", "/orders")), at_home.get(("POST", "/orders/new"))
    last = at_home.get(("GET", "/orders/7"))
    cookie = f"session={SESSION_COOKIE}"
    yield Promise(
        "after the 303 the login went on as a GET without content",
        login.ok and account is not None and not account.content,
    )
    yield Promise(
        "the cookie came back to the server that had set it",
        account is not None and account.fields.get("cookie") == cookie,
    )
    yield Promise(
        "the 307 was answered with the same method and the same content, byte for byte",
        first is not None
        and again is not None
        and json.loads(first.content) == ORDER
        and again.content == first.content,
    )
    yield Promise(
        "Authorization stayed on within its origin",
        again is not None
        and first is not None
        and "authorization" in first.fields
        and again.fields.get("authorization") == first.fields.get("authorization"),
    )
    yield Promise(
        "the other origin was asked once, by GET, without content",
        [(seen.method, seen.content) for seen in away] == [("GET", b"")],
    )
    yield Promise(
        "the other origin saw no Authorization, no Cookie and no X-Api-Key",
        not any(name in seen.fields for seen in away for name in SECRET_FIELDS),
    )
    yield Promise(
        "the other origin saw none of the secrets anywhere in its request",
        not any(seen.holds(secret) for seen in away for secret in SECRETS),
    )
    yield Promise(
        "back home, the password and the cookie were there again; the key, once dropped, was not",
        last is not None
        and first is not None
        and last.fields.get("authorization") == first.fields.get("authorization")
        and last.fields.get("cookie") == cookie
        and "x-api-key" not in last.fields,
    )
    yield Promise(
        "the last response is a 200 from home, and its URL has the fragment of the way",
        order.status_code == 200 and order.url == f"{home.url}/orders/7#paid",
    )
