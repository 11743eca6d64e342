"""A policy for requests that have failed, as a value: which are sent again, and when.

RFC 9110 section 9.2.2: a client may repeat a request on its own if its method is idempotent, or if
it knows that the first one was not processed. A response of a status such as 503 is no failure of
HTTP, so those that are tried again are named. Nothing here waits: the verdict says for how long.

A session sends a request again by itself after a stale connection (``retry``); that is counted
apart, and needs no policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from sojourn_core.values import errors
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.pickling import NamedState
from sojourn_core.values.record import record, replace
from sojourn_core.values.value import Value

from .cookies.date import parse_date
from .retry import IDEMPOTENT_METHODS

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

# Too Early is not among them: it asks for another connection, not for patience (RFC 8470).
TRANSIENT_STATUSES: Final = frozenset({408, 429, 500, 502, 503, 504})  # Those of curl's --retry.
SECONDS_DIGITS_MAX: Final = 12
BUDGET_SHARE: Final = 0.1  # Given back by each call that ends without a retry.


class Attempt(NamedTuple):
    """A request that was sent, and what became of it: an error, or a response.

    Attributes:
        method: Of the request.
        retries: How often this call has sent something again by a policy.
        replayable: Whether the content, if there is any, can be sent again.
        error: What it failed with; None if there was a response.
        status: The status of the response; 0 if there was none.
        retry_after: The value of its Retry-After field, or None.
        wall: Seconds since 1970 as it ended.
    """

    method: str
    retries: int = 0
    replayable: bool = True
    error: errors.RequestException | None = None
    status: int = 0
    retry_after: str | None = None
    wall: float = 0.0


class Again(NamedTuple):
    """The request is sent again.

    Attributes:
        seconds: How long is waited before.
        code: That of the decision.
        reason: Why, as the decision has it.
    """

    seconds: float
    code: str
    reason: str


class Enough(NamedTuple):
    """The request is not sent again, though what happened is what retries are for.

    Attributes:
        code: That of the decision.
        reason: Why not, as the decision has it.
    """

    code: str
    reason: str


RetryVerdict: TypeAlias = Again | Enough | None  # None: it is nothing that is tried again.


class RetryRule(Protocol):
    """A rule for retries: a ``RetryPolicy``, or an object of the user's own."""

    def decide(self, attempt: Attempt, random: float) -> RetryVerdict:
        """Decide on an attempt; ``random`` is a number from 0 up to 1, which is not reached."""
        ...


@record(frozen=True, kw_only=True)
class RetryPolicy(Value, NamedState):
    """When a request is sent again, and how long is waited before.

    Attributes:
        retries_max: How often one call sends again, all of its hops together.
        failed_connections: Try again if no connection was made, whatever the method: the server has
            seen nothing.
        lost_responses: Try again if the connection was lost, or the server stayed silent, after the
            request was sent.
        statuses: Statuses of responses that are tried again; ``TRANSIENT_STATUSES`` are usual.
        methods: Methods that may be sent again although the server may have acted on the first;
            None for all. The default are those that are idempotent.
        backoff: Seconds before the first retry; each further one waits twice as long.
        backoff_max: Seconds at most.
        jitter: The share of that time that is left to chance: 0 for none, 1 for all of it.
        heeds_retry_after: Wait as long as a Retry-After field says, if that is longer (RFC 9110
            section 10.2.3).
        retry_after_max: Seconds; a longer Retry-After is not waited for, and the response is
            delivered.
        budget: Retries that a session may begin with; each takes one, and each call that ends
            without one gives back a tenth. None for no budget.

    Raises:
        InvalidArgument: A number is out of its range.
    """

    retries_max: int = 3
    failed_connections: bool = True
    lost_responses: bool = True
    statuses: AbstractSet[int] = frozenset()
    methods: AbstractSet[str] | None = IDEMPOTENT_METHODS
    backoff: float = 0.5
    backoff_max: float = 60.0
    jitter: float = 0.5
    heeds_retry_after: bool = True
    retry_after_max: float = 60.0
    budget: int | None = 100

    def __post_init__(self) -> None:
        counts = (self.retries_max, self.backoff, self.backoff_max, self.retry_after_max)
        if min(*counts, self.budget or 0) < 0 or not 0 <= self.jitter <= 1:
            said = "numbers of a RetryPolicy are not below 0, and its jitter is not above 1"
            raise errors.InvalidArgument(said, maybe_sent=False)

    def replace(self, **changes: Any) -> RetryPolicy:
        """Return this policy with some fields changed."""
        return replace(self, **changes)

    def decide(self, attempt: Attempt, random: float) -> RetryVerdict:
        """Decide on an attempt that has ended.

        Args:
            attempt: What became of it.
            random: A number from 0 up to 1, which is not reached.
        """
        found = self._concern(attempt)
        if found is None or not self.retries_max:
            return None
        code, happened = found
        method = attempt.method
        if attempt.retries >= self.retries_max:
            return Enough(
                "retry.refused.count", f"{happened}, and retries_max is {self.retries_max}"
            )
        if not (code == "retry.connection" or self.methods is None or method in self.methods):
            return Enough("retry.refused.method", f"{happened}, and {method} may have had effects")
        if not attempt.replayable:
            return Enough("retry.refused.content", f"{happened}, and the content cannot be resent")
        seconds = self.backoff_before(attempt.retries + 1, random)
        if self.heeds_retry_after and attempt.retry_after is not None:
            asked = seconds_asked(attempt.retry_after, attempt.wall)
            if asked > self.retry_after_max:
                said = f"{happened}, and Retry-After asks for {asked:.3g} s"
                return Enough("retry.refused.retry-after", said)
            seconds = max(seconds, asked)
        number = f"retry {attempt.retries + 1} of {self.retries_max}"
        return Again(seconds, code, f"{happened}; {number} after {seconds:.3g} s")

    def backoff_before(self, retry: int, random: float) -> float:
        """Return the seconds before a retry, which are counted from 1."""
        most = self.backoff_max
        # Beyond 2 to the 64th nothing is below the limit, and the power itself has one.
        whole = min(self.backoff * 2.0 ** min(retry - 1, 64), most)
        return whole * (1.0 - self.jitter * random)

    def _concern(self, attempt: Attempt) -> tuple[str, str] | None:
        """Return the code and the words for what is tried again; None if nothing is."""
        error = attempt.error
        if error is None:
            if attempt.status in self.statuses:
                return "retry.status", f"the response is a {attempt.status}"
            return None
        if not isinstance(error, _OF_THE_NETWORK) or isinstance(error, _LASTING):
            return None
        if isinstance(error, errors.ProxyError) and (
            error.response is not None or error.refused or isinstance(error.__cause__, _LASTING)
        ):
            return None  # The proxy has answered: it refuses. Or nobody vouches for it.
        if not error.maybe_sent:
            found = ("retry.connection", "no connection was made")
            return found if self.failed_connections else None
        late = isinstance(error, errors.Timeout)
        happened = "no response came in time" if late else "the connection was lost"
        return ("retry.lost", happened) if self.lost_responses else None


_OF_THE_NETWORK: Final = (errors.ConnectionError, errors.ReadTimeout)
# They would come again: certificates, policies and servers do not change by being asked twice.
_LASTING: Final = (errors.SSLError, errors.AddressRefused, errors.RemoteProtocolError)


def seconds_asked(retry_after: str, wall: float) -> float:
    """Return the seconds that a Retry-After asks for (RFC 9110 section 10.2.3).

    Args:
        retry_after: The value of the field: a number of seconds, or a date in any of its forms.
            Anything else asks for nothing, and so does a date in the past.
        wall: Seconds since 1970 now.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:SECONDS_DIGITS_MAX])
    date = parse_date(text)
    return 0.0 if date is None else max(date - wall, 0.0)


class Retries:
    """The retries of a session: its rule, and what is left of its budget.

    Several threads may draw on it; what one of them counts at the same moment may be missed.

    Args:
        rule: Decides.

    Attributes:
        rule: As given.
        left: What is left of the budget; None without one.
    """

    __slots__ = ("_full", "left", "rule")

    def __init__(self, rule: RetryRule) -> None:
        self.rule = rule
        self._full: int | None = getattr(rule, "budget", None)
        self.left: float | None = self._full

    def take(self) -> bool:
        """Take one retry from the budget; return False if there is none."""
        if self.left is None:
            return True
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give_back(self) -> None:
        """Give back a tenth: a call has ended without a retry."""
        if self.left is not None and self._full is not None:
            self.left = min(self.left + BUDGET_SHARE, self._full)


def retries_from(given: Any) -> Retries | None:
    """Read the ``retries`` of a session or a call.

    Args:
        given: A number of retries under the default policy, 0 and None for none; or a rule.

    Raises:
        InvalidArgument: It is none of these.
    """
    if hasattr(given, "decide"):
        return Retries(given)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise errors.not_taken("retries", "a number, or a RetryPolicy", given)
    return Retries(RetryPolicy(retries_max=given)) if given else None
