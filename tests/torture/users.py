"""The user's own code: credentials, rules, hooks and methods, each call of which is a step.

Each of them asks the tape of the run before it does what it is for, wherever the machines call it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import (
    AuthBase,
    AuthFlow,
    Policy,
    RedirectVerdict,
    RetryPolicy,
    Rewrite,
    Session,
)
from tests.scenarios.model import A, B, Intent, answer, get, moved, ok, serve
from tests.servers.steps import Close, ReadContent, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sojourn_core import RedirectHop
    from tests.scenarios.model import Scenario, Script
    from tests.torture.faults import Tape

    Story = Callable[..., Scenario]

PROXY: Final = "http://proxy.test:3128"
ASKED: Final = ok(b"who", ("WWW-Authenticate", "Bearer"), status=401)
PROXY_ASKED: Final = ok(b"who", ("Proxy-Authenticate", "Bearer"), status=407)
BUSY: Final = ok(b"not now", status=503)
HINTS: Final = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
PROCESSING: Final = b"HTTP/1.1 102 Processing\r\n\r\n"

_tapes: Final[list[Tape]] = []


def apart(response: bytes) -> Script:
    """Send the content of an answer apart from its head, so that its connection is held."""
    head, _, content = response.partition(b"\r\n\r\n")
    return answer(head + b"\r\n\r\n", content)


@contextmanager
def asking(tape: Tape) -> Iterator[None]:
    """Have the user's code ask this tape."""
    _tapes.append(tape)
    try:
        yield
    finally:
        _tapes.pop()


def ask(kind: str) -> None:
    """Take a step of the user's code."""
    _tapes[-1].ask_user(kind)


# --- credentials ------------------------------------------------------------------------------


class Tokens:
    """Gives tokens out, one after the other."""

    def token(self) -> str:
        """Give one."""
        ask("token")
        return "t"


class TokenAuth(AuthBase):
    """A callable that sets a token, which it asks a provider for."""

    def __init__(self) -> None:
        """Have a provider."""
        self._tokens = Tokens()

    def __call__(self, request: Any) -> Any:
        """Set it."""
        ask("auth")
        request.headers["Authorization"] = f"Bearer {self._tokens.token()}"
        return request


class TokenFlow(AuthFlow):
    """Credentials that answer one challenge with a token."""

    def __init__(self, *, proxy: bool = False, reads_content: bool = False) -> None:
        """Answer an origin, or a proxy."""
        self.proxy = proxy
        self.reads_content = reads_content
        self._name = "Proxy-Authorization" if proxy else "Authorization"
        self._tokens = Tokens()

    def begin(self) -> AuthFlow:
        """Begin anew for each call."""
        ask("flow")
        return TokenFlow(proxy=self.proxy, reads_content=self.reads_content)

    def __call__(self, request: Any) -> Any:
        """Know nothing yet."""
        ask("flow")
        return request

    def respond(self, request: Any, response: Any) -> Any:
        """Answer the first challenge of each request."""
        ask("flow")
        if response.status_code not in (401, 407) or self._name in request.headers:
            return None
        request.headers[self._name] = f"Bearer {self._tokens.token()}"
        return request


def with_credentials(story: Story) -> tuple[Scenario, ...]:
    """Credentials by code of the user's."""
    content = Intent("PUT", f"{A}/", {"auth": TokenFlow(), "data": b"content"})
    twice = serve(answer(ASKED, content=7), answer(ok(b"in"), content=7))
    asked = apart(ASKED)
    back = serve(apart(moved(302, f"{B}/2", content=b"away")), ok(b"3"))
    return (
        story(
            "a token of the user's",
            get(f"{A}/1", auth=TokenAuth()),
            get(f"{A}/2", auth=TokenAuth()),
            peers={A: (serve(ok(b"1"), ok(b"2")),)},
        ),
        story(
            "a token of the user's, and back at the origin it is for",
            get(f"{A}/1", auth=TokenAuth()),
            peers={A: (back,), B: (serve(apart(moved(302, f"{A}/3", content=b"away"))),)},
        ),
        story(
            "tokens of the user's by origin",
            get(f"{A}/1"),
            peers={A: (serve(moved(302, f"{B}/2")),), B: (serve(ok(b"2")),)},
            auth={A: TokenAuth(), B: TokenAuth()},
        ),
        story("a flow of the user's, and content", content, peers={A: (twice,)}),
        story(
            "a flow of the user's",
            get(f"{A}/1", auth=TokenFlow()),
            peers={A: (serve(asked, ok(b"1")),)},
        ),
        story(
            "a flow of the user's that reads",
            get(f"{A}/1", auth=TokenFlow(reads_content=True)),
            peers={A: (serve(asked, moved(302, f"{A}/2"), asked, ok(b"2")),)},
        ),
        story(
            "a flow of the user's for a proxy",
            get(f"{A}/1", auth=TokenFlow(proxy=True)),
            peers={PROXY: (serve(apart(PROXY_ASKED), ok(b"1")),)},
            proxies={"http": PROXY},
        ),
        story(
            "a flow of the user's for a tunnel",
            get("https://a.test/1", auth=TokenFlow(proxy=True)),
            peers={PROXY: ((*answer(PROXY_ASKED), Close()),)},
            proxies={"https": PROXY},
        ),
    )


# --- redirects and retries ----------------------------------------------------------------------


def follow(hop: RedirectHop) -> RedirectVerdict:
    """Follow each redirect."""
    ask("rule")
    return RedirectVerdict.FOLLOW


def lead_elsewhere(hop: RedirectHop) -> Rewrite | RedirectVerdict:
    """Lead the first redirect elsewhere, and stop at the next."""
    ask("rule")
    return RedirectVerdict.STOP if hop.hops else Rewrite(f"{B}/elsewhere")


class Patience:
    """A rule for retries."""

    def decide(self, attempt: Any, random: float) -> Any:
        """Decide as a policy does."""
        ask("rule")
        usual = RetryPolicy(retries_max=2, statuses=frozenset({503}), jitter=0.0)
        return usual.decide(attempt, random)


class OwnSession(Session):
    """A session whose redirect methods are the user's."""

    def get_redirect_target(self, resp: Any) -> str | None:
        """Return where it leads."""
        ask("method")
        return super().get_redirect_target(resp)

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        """Return whether credentials stay."""
        ask("method")
        return super().should_strip_auth(old_url, new_url)

    def rebuild_method(self, prepared_request: Any, response: Any) -> None:
        """Set the method."""
        ask("method")
        super().rebuild_method(prepared_request, response)

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """Set credentials."""
        ask("method")
        super().rebuild_auth(prepared_request, response)

    def rebuild_proxies(self, prepared_request: Any, proxies: Any) -> dict[str, str]:
        """Return the proxies."""
        ask("method")
        return super().rebuild_proxies(prepared_request, proxies)


def with_rules(story: Story) -> tuple[Scenario, ...]:
    """Redirects and retries by code of the user's."""
    away = apart(moved(302, f"{A}/2", content=b"away" * 50))
    late = apart(BUSY)
    owned = story(
        "redirect methods of the user's",
        get(f"{A}/1", headers={"Authorization": "Bearer t"}),
        peers={A: (serve(away, moved(307, f"{B}/3")),), B: (serve(ok(b"3")),)},
    )
    return (
        story(
            "a redirect rule of the user's",
            get(f"{A}/1"),
            Intent("PUT", f"{A}/4", {"data": b"content"}),
            peers={
                A: (
                    serve(
                        away,
                        moved(303, f"{A}/3"),
                        ok(b"3"),
                        answer(moved(307, f"{A}/5"), content=7),
                        answer(ok(b"5"), content=7),
                    ),
                )
            },
            policy=Policy(on_redirect=follow),
        ),
        story(
            "a redirect rule of the user's that leads elsewhere",
            get(f"{A}/1"),
            peers={A: (serve(away),), B: (serve(moved(302, f"{A}/3"), ok(b"4")),)},
            policy=Policy(on_redirect=lead_elsewhere),
        ),
        with_options(owned, session=OwnSession),
        story(
            "a retry rule of the user's",
            get(f"{A}/1"),
            peers={A: (serve(late, late, ok(b"1")),)},
            retries=Patience(),
        ),
        story(
            "a retry rule of the user's, after a loss",
            get(f"{A}/1"),
            peers={A: ((ReadHead(), Close()), serve(ok(b"1")))},
            retries=Patience(),
        ),
    )


# --- hooks ----------------------------------------------------------------------------------------


def inform(response: Any) -> None:
    """See an informational response."""
    ask("informational")


def with_hooks(story: Story) -> tuple[Scenario, ...]:
    """Informational responses that the user sees; responses are seen in every scenario."""
    hooks = {"informational": inform}
    asks_first = {"hooks": hooks, "data": b"content", "headers": {"Expect": "100-continue"}}
    script = (ReadHead(), Send(HINTS + CONTINUE), ReadContent(7), Send(ok(b"in")), WaitClosed())
    return (
        story(
            "informational heads that the user sees",
            get(f"{A}/1", hooks=hooks),
            peers={A: (serve(HINTS + PROCESSING + HINTS + ok(b"1")),)},
        ),
        story(
            "informational heads that the user sees before content is sent",
            Intent("PUT", f"{A}/1", asks_first),
            peers={A: (script,)},
        ),
    )


def users(story: Story) -> tuple[Scenario, ...]:
    """Return all scenarios with code of the user's.

    With a hook for responses, a call knows of each of them before anything else is asked: so most
    of these have none.
    """
    unseen = (*with_credentials(story), *with_rules(story))
    return (*(with_options(each, sees=False) for each in unseen), *with_hooks(story))


def with_options(scenario: Scenario, **options: Any) -> Scenario:
    """Give more options to the session of a scenario."""
    setup = scenario.setup
    return replace(scenario, setup=replace(setup, options={**setup.options, **options}))
