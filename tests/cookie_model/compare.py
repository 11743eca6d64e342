"""Both jars side by side: what is done to one is done to the other, and all that shows is compared.

Where the standard lets a user agent choose which of several cookies goes, the reference follows the
jar, if the jar's choice is among those: it tries them all.
"""

from __future__ import annotations

import pickle
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sojourn_core.rules.cookies import CookieJar
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.url import parse_url

from .programs import (
    START,
    Advance,
    Copy,
    Field,
    Program,
    RemoveByHand,
    Retrieve,
    SetByHand,
    Step,
    Store,
    is_public_suffix,
)
from .reference import Kept, ReferenceJar, Rules, is_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sojourn_core.rules.cookies import Cookie

_RULES: Final = {
    "set_cookies_max": "lines_max",
    "cookie_size_max": "size_max",
    "cookies_per_domain_max": "per_domain_max",
    "cookies_max": "total_max",
    "cookies_sent_max": "sent_max",
    "cookie_field_size_max": "field_size_max",
}

at: Final = cache(parse_url)


class DisagreementError(AssertionError):
    """The jar did something else than the reference."""


class Failure(NamedTuple):
    """Where a program first failed.

    Attributes:
        program: Cut after the step that showed it.
        error: What differed; or what the jar raised, which it never should.
    """

    program: Program
    error: Exception


class Pair:
    """A jar and the reference, both empty to begin with.

    Attributes:
        seen: The codes of the jar's decisions so far, and ``sent N`` for each number of cookies
            that a Cookie field had.
    """

    def __init__(self, limits: Mapping[str, int], rules: Mapping[str, int] | None = None) -> None:
        """Make both.

        Args:
            limits: Of the jar, by their names there.
            rules: The same for the reference, if it is to have others.
        """
        self.jar = CookieJar(
            limits=DEFAULT_LIMITS.replace(**limits), is_public_suffix=is_public_suffix
        )
        changes = {_RULES[name]: limit for name, limit in (rules or limits).items()}
        self.reference = ReferenceJar(Rules(is_public_suffix, **changes))
        self.now = START
        self.seen: set[str] = set()

    def step(self, step: Step) -> None:
        """Do a step to both.

        Raises:
            DisagreementError: They differ in what they answered, or in what they now keep.
        """
        _DO[type(step)](self, step)
        if type(step) is not Store:  # That has compared it.
            self.same("kept", self.kept(), self.expected_kept())

    def store(self, step: Store) -> None:
        context = {
            "same_site": step.same_site,
            "top_level": step.top_level,
            "secure": step.secure,
        }
        decisions = self.jar.store(step.lines, at(step.url), self.now, **context)
        codes = [decision.code for decision in decisions]
        self.seen.update(codes)
        found = [_outcome(code) for code in codes], self.kept()
        reference = self.reference
        before = reference.cookies, dict(reference.uses), reference.count
        choices: list[int] | None = []
        expected: list[tuple[list[str], list[Any]]] = []
        while choices is not None:
            reference.cookies, uses, reference.count = before
            reference.uses = dict(uses)
            chooser = _Chooser(choices)
            outcomes = reference.store(
                step.lines, at(step.url), self.now, **context, choose=chooser.choose
            )
            expected.append((outcomes, self.expected_kept()))
            if expected[-1] == found:
                return
            choices = chooser.next()
        # Of what is allowed, the last tried says as well as any other what is wrong.
        self.same("outcomes", found[0], expected[-1][0])
        self.same("kept", found[1], expected[-1][1])

    def retrieve(self, step: Retrieve) -> None:
        url, *_ = step
        options = step._asdict()
        del options["url"]
        found = self.jar.retrieve(at(url), self.now, **options)
        expected = self.reference.retrieve(at(url), self.now, **options)
        self.same(
            "retrieved",
            [(cookie.name, cookie.value, cookie.path) for cookie in found],
            [(cookie.name, cookie.value, cookie.path) for cookie in expected],
        )

    def field(self, step: Field) -> None:
        found = self.jar.cookie_field(
            at(step.url), self.now, unscoped=step.unscoped, secure=step.secure
        )
        expected = self.reference.cookie_field(
            at(step.url), self.now, unscoped=step.unscoped, secure=step.secure
        )
        self.same("field", found, expected)
        self.seen.add(f"sent {0 if found is None else found.count('; ') + 1}")

    def advance(self, step: Advance) -> None:
        self.now += step.seconds

    def set_by_hand(self, step: SetByHand) -> None:
        *parts, life = step
        name, value, domain, path, secure, host_only = parts
        expires = None if life is None else self.now + life
        self.jar.set(
            name,
            value,
            domain=domain,
            path=path,
            secure=secure,
            host_only=host_only,
            expires=expires,
        )
        only = bool(domain) and (host_only or is_address(domain))
        self.reference.set_by_hand(
            Kept(name, value, domain, only, path, secure, False, "", expires, 0.0, 0)
        )

    def remove_by_hand(self, step: RemoveByHand) -> None:
        self.jar.clear(name=step.name, domain=step.domain, path=step.path)
        self.reference.remove_by_hand(*step)

    def copy(self, step: Copy) -> None:
        self.jar = pickle.loads(pickle.dumps(self.jar)) if step.pickled else self.jar.copy()

    def kept(self) -> list[Any]:
        """What the jar keeps."""
        return _content(self.jar, self.now)

    def expected_kept(self) -> list[Any]:
        """What it should keep."""
        return _content(self.reference.cookies, self.now)

    def same(self, what: str, found: object, expected: object) -> None:
        if found == expected:
            return
        if isinstance(found, list) and isinstance(expected, list) and what == "kept":
            found, expected = (
                [cookie for cookie in found if cookie not in expected],
                [cookie for cookie in expected if cookie not in found],
            )
        raise DisagreementError(
            f"{what} at {self.now}: the jar has {found!r}, the reference {expected!r}"
        )


class _Chooser:
    """Answers with the choices it has, then with the first; and knows which ones come next."""

    def __init__(self, choices: list[int]) -> None:
        self.choices = choices
        self.counts: list[int] = []

    def choose(self, count: int) -> int:
        self.counts.append(count)
        if len(self.counts) > len(self.choices):
            self.choices.append(0)
        return self.choices[len(self.counts) - 1]

    def next(self) -> list[int] | None:
        """The choices to try after these; None if there are no more."""
        choices = self.choices[: len(self.counts)]
        while choices and choices[-1] + 1 >= self.counts[len(choices) - 1]:
            choices.pop()
        if not choices:
            return None
        choices[-1] += 1
        return choices


def run(program: Program) -> Failure | None:
    """Run a program; None if the jar did all as the reference."""
    pair = Pair(program.limits)
    for count, step in enumerate(program.steps, 1):
        try:
            pair.step(step)
        except Exception as error:  # noqa: BLE001 - it may be any, and is part of the answer.
            return Failure(program._replace(steps=program.steps[:count]), error)
    return None


def shorten(failure: Failure) -> Failure:
    """Leave out each step without which the program fails still."""
    at_step = 0
    while at_step < len(failure.program.steps):
        steps = failure.program.steps
        shorter = run(failure.program._replace(steps=steps[:at_step] + steps[at_step + 1 :]))
        if shorter is None:
            at_step += 1
        else:
            failure = shorter
    return failure


def _content(cookies: Iterable[Cookie | Kept], now: float) -> list[Any]:
    """All that is known of each cookie; those that have ended may stay until somebody asks."""
    return sorted(
        (
            cookie.domain,
            cookie.name,
            cookie.path,
            cookie.host_only,
            cookie.value,
            cookie.secure,
            cookie.http_only,
            cookie.same_site,
            cookie.expires or 0.0,
            cookie.expires is None,
            cookie.created,
        )
        for cookie in cookies
        if cookie.expires is None or cookie.expires > now
    )


def _outcome(code: str) -> str:
    return "refused" if code.startswith("cookie.rejected") else code.removeprefix("cookie.")


_DO: Final[dict[type[Any], Callable[[Pair, Any], None]]] = {
    Store: Pair.store,
    Retrieve: Pair.retrieve,
    Field: Pair.field,
    Advance: Pair.advance,
    SetByHand: Pair.set_by_hand,
    RemoveByHand: Pair.remove_by_hand,
    Copy: Pair.copy,
}
