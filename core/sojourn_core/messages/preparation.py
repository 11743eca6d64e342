"""The facts of a preparation: by which policy, with what entropy, and which fields it made.

A value that stands on the prepared request. A call reads it and changes it on requests of its own
alone, so one prepared request may be sent any number of times, and by several calls at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sojourn_core.rules.policy import DEFAULT_POLICY, Policy
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.record import record, replace
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.environment import Environment
    from sojourn_core.values.url.endpoint import Origin

Source: TypeAlias = Literal["jar", "auth", "framing"]


class Derived(NamedTuple):
    """A field that was derived, and not given by the caller.

    Attributes:
        value: Its value as it was set.
        source: What it was derived from.
        by_hand: The part of a Cookie field that the caller gave for an earlier hop.
    """

    value: str | None
    source: Source
    by_hand: str | None = None


NOTHING_DERIVED: Final[Mapping[str, Derived]] = {}
NOTHING_CHECKED: Final[Mapping[str, str]] = {}


@record()
class Preparation(Value):
    """The facts about a prepared request that are not sent. A value, which must not be changed.

    Attributes:
        policy: The choices on which clients differ; a session sets its own.
        entropy: ``entropy(n)`` gives n random bytes, as the session's.
        environment: The environment as a session read it for this request; None without one.
        home: The origin that the caller asked for, if a redirect led here: what was given without a
            place belongs there. None for the origin of the URL.
        derived: Fields that were derived, by their names in lower case.
        decisions: What was decided while preparing, in order.
        target: The request-target that Digest counts, if it is not that of the URL.
        proxy: The proxy that credentials are asked for, if it is not the origin.
        checked: The fields of the session by their names in lower case, which can be sent; fields
            that are not among them are checked when the request is sent.
        bound: The field lines of names that the policy binds to origins: they are kept here, and
            sent to those origins alone.
    """

    policy: Policy = DEFAULT_POLICY
    entropy: Callable[[int], bytes] | None = None
    environment: Environment | None = None
    home: Origin | None = None
    derived: Mapping[str, Derived] = NOTHING_DERIVED
    decisions: tuple[Decision, ...] = ()
    target: str | None = None
    proxy: Origin | None = None
    checked: Mapping[str, str] = NOTHING_CHECKED
    bound: tuple[tuple[str, str], ...] = ()

    def of(self, name: str, value: str | None) -> Derived | None:
        """Return what a field was derived from; None if it was given, or set anew since.

        Args:
            name: In lower case.
            value: The value of the field now.
        """
        known = self.derived.get(name)
        return known if known is not None and known.value == value else None

    def deriving(self, name: str, made: Derived, *decisions: Decision) -> Preparation:
        """Return this with one more field that was derived, and the decisions on it.

        Args:
            name: In lower case.
            made: The field.
            decisions: What was decided on it.
        """
        # By position: each request with cookies comes by here, and ``replace`` takes much longer.
        return Preparation(
            self.policy,
            self.entropy,
            self.environment,
            self.home,
            {**self.derived, name: made},
            self.decisions + decisions,
            self.target,
            self.proxy,
            self.checked,
            self.bound,
        )

    def to_travel(self) -> Preparation:
        """Return what may be pickled: neither a source of entropy nor the environment."""
        return replace(self, entropy=None, environment=None, checked=NOTHING_CHECKED)


DEFAULT_PREPARATION: Final = Preparation()
