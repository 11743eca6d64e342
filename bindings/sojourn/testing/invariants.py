"""Invariants of redirects, ready to use.

Each is an ``Invariant``: called with a ``Trail``, it raises ``Violation``, which is an
AssertionError, if the trail breaks it. ``holds`` says in words under which policies it does, and
``holds_under`` asks a policy. A function of one's own that asserts something of a trail is as good
wherever an invariant is wanted.

Most compare a request with the first one of its call, or with the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sojourn_core import PRIVATE_NETWORKS, Origin, Policy
from sojourn_core.values.url.address import refused

from .cookie_rules import may_be_sent
from .web import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .trail import Replay, Sent, Trail

    Check: TypeAlias = Callable[[Trail], None]


class Violation(AssertionError):
    """An invariant that does not hold for a trail. The message says which, and where."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A claim about every trail.

    Attributes:
        name: The claim, in a few words.
        holds: The policies under which it holds, in words.
        check: Raises ``Violation`` for a trail that breaks it.
        holds_under: Returns whether it holds under a policy.
    """

    name: str
    holds: str
    check: Check
    holds_under: Callable[[Policy], bool]

    def __call__(self, trail: Trail) -> None:
        """Check a trail.

        Raises:
            Violation: If the trail breaks the claim.
        """
        self.check(trail)

    def __repr__(self) -> str:
        return f"<Invariant: {self.name}>"


def _fail(sent: Sent, what: str) -> None:
    raise Violation(f"request {sent.number + 1}, to {sent.origin}: {what}")


# --- credentials and fields -----------------------------------------------------------------------


def _check_credentials(trail: Trail) -> None:
    first: dict[str, Origin] = {}
    given = _cookies(trail.sent[0]) if trail.sent else []
    set_since: set[str] = set()
    for sent in trail.sent:
        fields = sent.fields.by_name()
        if "proxy-authorization" in fields:
            _fail(sent, "its origin sees Proxy-Authorization")
        value = fields.get("authorization")
        if value is not None and first.setdefault(value, sent.origin) != sent.origin:
            _fail(sent, f"Authorization is that of {first[value]}")
        if not sent.at_home:
            for pair in _cookies(sent):
                if pair in given and pair.partition("=")[0] not in set_since:
                    _fail(sent, f"cookie {pair.partition('=')[0]} is that of {sent.home}")
        for secret in () if trail.replay is None else trail.replay.secrets:
            if secret.belongs_to(sent.origin) or not sent.seen(secret.texts):
                continue
            _fail(sent, f"it carries what is not for this origin: {secret.what}")
        if sent.number < len(trail.answers):
            set_since.update(_names_set(trail, sent.number))


def _cookies(sent: Sent) -> list[str]:
    field = sent.fields.by_name().get("cookie", "")
    return [pair.strip() for pair in field.split(";") if pair.strip()]


def _names_set(trail: Trail, number: int) -> list[str]:
    answer = trail.answers[number]
    if not isinstance(answer, Answer):
        return []
    return [
        value.partition("=")[0].strip()
        for name, value in answer.fields
        if name.lower() == "set-cookie"
    ]


NO_CREDENTIAL_ELSEWHERE: Final = Invariant(
    "no credential at another origin",
    "with keep_authorization_on_upgrade=False, unscoped_cookies_travel=False, and an allow-list in "
    "cross_origin_fields; the default lets an upgrade of the same host keep Authorization",
    _check_credentials,
    lambda policy: (
        not policy.keep_authorization_on_upgrade
        and not policy.unscoped_cookies_travel
        and policy.cross_origin_fields is not None
    ),
)


def fields_within(policy: Policy) -> Invariant:
    """Return the invariant that no field of the first request leaves its origin but by a list.

    Credentials, cookies, Host and the framing of content have rules of their own and are no part
    of it.

    Args:
        policy: Whose ``cross_origin_fields`` and ``cross_origin_prefixes`` are the list.
    """

    def check(trail: Trail) -> None:
        given = {name.lower(): value for name, value in trail.sent[0].fields.lines}
        for sent in trail.sent:
            if sent.at_home:
                continue
            for name, value in sent.fields.lines:
                lowered = name.lower()
                if given.get(lowered) != value or lowered in _RULED:
                    continue
                if not policy.crosses_origins(lowered, with_content=sent.content is not None):
                    _fail(sent, f"{name} is not on the list of fields that may leave {sent.home}")

    return Invariant(
        "no field outside the allow-list across origins",
        "under any policy with this list, or a shorter one",
        check,
        lambda other: (
            other.cross_origin_fields is not None
            and other.cross_origin_fields <= (policy.cross_origin_fields or frozenset())
            and set(other.cross_origin_prefixes) <= set(policy.cross_origin_prefixes)
        ),
    )


_RULED: Final = frozenset(
    {"authorization", "cookie", "host", "content-length", "transfer-encoding"}
)

FIELDS_WITHIN_LIST: Final = fields_within(Policy())


def _check_secrets(trail: Trail) -> None:
    replay = _replay(trail)
    other = replay.with_other_secrets()
    owners = [secret.origin for secret in replay.secrets]
    hosts = [secret.host for secret in replay.secrets]

    def foreign(trail: Trail) -> list[tuple[Origin, bytes]]:
        return [
            (sent.origin, sent.wire())
            for sent in trail.sent
            if sent.origin not in owners and sent.origin.host not in hosts
        ]

    before, after = foreign(trail), foreign(other)
    for (origin, seen), (_, seen_after) in zip(before, after, strict=False):
        if seen != seen_after:
            raise Violation(f"what {origin} sees depends on a secret that it does not know")
    if len(before) != len(after):
        raise Violation("where requests go depends on a secret")


SECRETS_FLOW_NOWHERE: Final = Invariant(
    "secrets flow nowhere",
    NO_CREDENTIAL_ELSEWHERE.holds,
    _check_secrets,
    NO_CREDENTIAL_ELSEWHERE.holds_under,
)


# --- places ---------------------------------------------------------------------------------------


def _check_downgrade(trail: Trail) -> None:
    for before, sent in zip(trail.sent, trail.sent[1:], strict=False):
        if before.origin.scheme == "https" and sent.origin.scheme == "http":
            _fail(sent, "it is in clear text, after https")


NO_DOWNGRADE: Final = Invariant(
    "no downgrade",
    "with https_only=True; the default follows a redirect to http without content",
    _check_downgrade,
    lambda policy: policy.https_only,
)


def _check_addresses(trail: Trail) -> None:
    for sent in trail.sent:
        if refused(sent.origin.host, PRIVATE_NETWORKS):
            _fail(sent, "it is a private address")


NO_PRIVATE_ADDRESS: Final = Invariant(
    "no private address reached",
    "with refused_networks=PRIVATE_NETWORKS; names are not resolved here, and a binding looks at "
    "their addresses too",
    _check_addresses,
    lambda policy: set(PRIVATE_NETWORKS) <= set(policy.refused_networks),
)


def bounded_hops(most: int = 30) -> Invariant:
    """Return the invariant that a call follows at most so many redirects.

    Args:
        most: The number; a session has 30 in ``max_redirects``.
    """

    def check(trail: Trail) -> None:
        followed = sum(
            before.request is not sent.request and _leads(trail, before.number)
            for before, sent in zip(trail.sent, trail.sent[1:], strict=False)
        )
        if followed > most:
            raise Violation(f"{followed} redirects were followed, which is more than {most}")

    return Invariant(f"at most {most} redirects", "under every policy", check, lambda _: True)


def _leads(trail: Trail, number: int) -> bool:
    answer = trail.answers[number]
    return isinstance(answer, Answer) and answer.location is not None


BOUNDED_HOPS: Final = bounded_hops()


# --- content, cookies, records --------------------------------------------------------------------


def _check_content(trail: Trail) -> None:
    for before, sent in zip(trail.sent, trail.sent[1:], strict=False):
        answer = trail.answers[before.number]
        repeats = not isinstance(answer, Answer) or answer.status in (307, 308)
        if (repeats or before.method == sent.method) and before.content != sent.content:
            _fail(sent, "its content is not that of the request that it repeats")


NO_CONTENT_LOST: Final = Invariant(
    "no content lost",
    "with nothing in loses_content; content that cannot be sent again is an error",
    _check_content,
    lambda policy: not any(policy.loses_content.values()),
)


def _check_cookies(trail: Trail) -> None:
    given = {pair.partition("=")[0] for sent in trail.sent[:1] for pair in _cookies(sent)}
    for sent in trail.sent:
        if "cookie" in sent.fields.by_name():
            for pair in _cookies(sent):
                name = pair.partition("=")[0]
                if name in given and sent.at_home:
                    continue
                if not may_be_sent(pair, sent, trail):
                    _fail(sent, f"no Set-Cookie lets cookie {name} go there")


COOKIES_BY_STANDARD: Final = Invariant(
    "cookies only by the standard",
    'with cookie_rules="rfc6265bis" and unscoped_cookies_travel=False',
    _check_cookies,
    lambda policy: policy.cookie_rules == "rfc6265bis" and not policy.unscoped_cookies_travel,
)


def _check_history(trail: Trail) -> None:
    if trail.response is None:
        return
    told = [*trail.response.history, trail.response]
    answered = [
        (sent.url.text, answer.status)
        for sent, answer in zip(trail.sent, trail.answers, strict=True)
        if isinstance(answer, Answer)
    ]
    if [(response.url, response.status_code) for response in told] != answered:
        raise Violation("history and response are not what was answered, in its order")


HISTORY_TRUTHFUL: Final = Invariant(
    "history truthful",
    "with lists_challenges=True; without it, a challenge before a redirect is left out",
    _check_history,
    lambda policy: policy.lists_challenges,
)


def _check_determinism(trail: Trail) -> None:
    again = _replay(trail).again()
    if [(s.origin, s.wire()) for s in again.sent] != [(s.origin, s.wire()) for s in trail.sent]:
        raise Violation("the same request over the same web sends something else")
    if again.decisions != trail.decisions or type(again.error) is not type(trail.error):
        raise Violation("the same request over the same web is decided otherwise")


DETERMINISM: Final = Invariant(
    "determinism", "under every policy", _check_determinism, lambda _: True
)


def _replay(trail: Trail) -> Replay:
    if trail.replay is None:
        raise ValueError("this invariant plays the trail again: simulate a Situation")
    return trail.replay


INVARIANTS: Final = (
    NO_CREDENTIAL_ELSEWHERE,
    FIELDS_WITHIN_LIST,
    NO_DOWNGRADE,
    NO_CONTENT_LOST,
    NO_PRIVATE_ADDRESS,
    BOUNDED_HOPS,
    DETERMINISM,
    COOKIES_BY_STANDARD,
    HISTORY_TRUTHFUL,
    SECRETS_FLOW_NOWHERE,
)
