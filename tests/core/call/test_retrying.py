"""Retries of a call, by a clock that is a number: policies, answers, and the times of each send."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core import (
    Call,
    Content,
    Fields,
    Request,
    RequestException,
    Response,
    ResponseHead,
    RetryPolicy,
    SendSettings,
    Session,
    Timeouts,
)
from sojourn_core.call.ports import Mode
from sojourn_core.commands import Delegate, Deliver, Discard, Fail, Pause, Rewind, Send
from sojourn_core.rules.retry_policy import IDEMPOTENT_METHODS, Attempt
from sojourn_core.values import errors
from sojourn_core.values.errors import Progress

URL: Final = "http://a.test/x"
WALL: Final = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, when the clock is at 0.
STEADY: Final = RetryPolicy(retries_max=3, backoff=1.0, jitter=0.0, statuses=frozenset({429, 503}))


def unsent() -> RequestException:
    return errors.ConnectionError("refused", maybe_sent=False)


def lost() -> RequestException:
    return errors.ConnectionError("lost", maybe_sent=True)


def stale() -> RequestException:
    error = lost()
    error.progress = Progress(reused=True, octets_written=10)
    return error


def late() -> RequestException:
    return errors.ReadTimeout("silent", maybe_sent=True)


Answer = int | tuple[int, dict[str, str]] | Any  # A status, with fields; or what makes an error.


@dataclass
class Played:
    """What became of a call.

    Attributes:
        times: When each request went out.
        waits: What each pause was until.
        contents: The content of each.
        end: The status, or the class of the error.
    """

    times: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    end: Any = None


def play(call: Call, answers: list[Answer], *, seconds: float = 0.0) -> Played:
    """Play a call; each answer takes so many seconds. Content is read as it is sent."""
    played, now, left = Played(), 0.0, list(answers)
    command = call.start(now)
    while True:
        match command:
            case Send(request=request):
                played.times.append(now)
                content = request.content
                sent = b"".join(content.chunks()) if isinstance(content, Content) else content
                played.contents.append(sent or b"")
                now += seconds
                answer = left.pop(0)
                if callable(answer):
                    command = call.lost(answer(), now)
                else:
                    status, fields = answer if isinstance(answer, tuple) else (answer, {})
                    command = call.answered(response(status, fields), now)
            case Discard():
                command = call.discarded(now)
            case Pause(until=until):
                assert until > now
                played.waits.append(until)
                now = until
                command = call.resumed(now)
            case Rewind(content=content):
                content.rewind()
                command = call.rewound(now)
            case Deliver(response=delivered):
                played.end = delivered.status_code
                return played
            case Fail(error=error):
                played.end = type(error)
                return played
            case _:
                raise AssertionError(command)


def response(status: int, fields: dict[str, str]) -> Response:
    return Response(ResponseHead(status, Fields(fields)))


def session_with(retries: Any, entropy: Any = None) -> Session:
    session = Session(entropy=entropy)
    session.set_clock(0.0, WALL)
    session.retries = retries
    return session


def call_with(
    retries: Any, method: str = "GET", *, total: float | None = None, **request: Any
) -> Call:
    settings = SendSettings(timeouts=Timeouts(total=total))
    return session_with(retries).call(Request(method, URL, **request), settings=settings)


def codes(call: Call) -> list[str]:
    return [each.code for each in call.decisions if each.code.startswith("retry.")]


RETRY_AT = "Sun, 06 Nov 1994 08:49:42 GMT"  # At 5.0.
REFUSED = "retry.refused"
TABLE: list[tuple[str, dict[str, Any], list[Answer], list[float], Any, list[str]]] = [
    ("nothing is wrong", {}, [200], [0.0], 200, []),
    ("a connection is not made", {}, [unsent, 200], [0.0, 1.0], 200, ["retry.connection"]),
    ("for a POST too", {"method": "POST"}, [unsent, 200], [0.0, 1.0], 200, ["retry.connection"]),
    (
        "it is never made",
        {},
        [unsent] * 4,
        [0.0, 1.0, 3.0, 7.0],
        errors.ConnectionError,
        [*["retry.connection"] * 3, f"{REFUSED}.count"],
    ),
    ("the response is lost", {}, [lost, 200], [0.0, 1.0], 200, ["retry.lost"]),
    ("it is late", {"method": "PUT"}, [late, 200], [0.0, 1.0], 200, ["retry.lost"]),
    (
        "a POST may have had effects",
        {"method": "POST"},
        [lost],
        [0.0],
        errors.ConnectionError,
        [f"{REFUSED}.method"],
    ),
    (
        "a stale connection is replaced at once, and not counted",
        {},
        [stale, unsent, unsent, unsent, 200],
        [0.0, 0.0, 1.0, 3.0, 7.0],
        200,
        ["retry.stale-connection", *["retry.connection"] * 3],
    ),
    ("a status", {}, [503, 503, 200], [0.0, 1.0, 3.0], 200, ["retry.status"] * 2),
    ("a status that is not named", {}, [500], [0.0], 500, []),
    (
        "a status to the end",
        {},
        [503] * 4,
        [0.0, 1.0, 3.0, 7.0],
        503,
        [*["retry.status"] * 3, f"{REFUSED}.count"],
    ),
    ("seconds", {}, [(429, {"Retry-After": "9"}), 200], [0.0, 9.0], 200, ["retry.status"]),
    ("a date", {}, [(429, {"Retry-After": RETRY_AT}), 200], [0.0, 5.0], 200, ["retry.status"]),
    (
        "too many seconds",
        {},
        [(503, {"Retry-After": "3600"})],
        [0.0],
        503,
        [f"{REFUSED}.retry-after"],
    ),
    (
        "no time for it",
        {"total": 2.5},
        [503, 503],
        [0.0, 1.0],
        503,
        ["retry.status", f"{REFUSED}.deadline"],
    ),
    (
        "no time for an error either",
        {"total": 0.5},
        [unsent],
        [0.0],
        errors.ConnectionError,
        [f"{REFUSED}.deadline"],
    ),
    (
        "content that can be had again",
        {"method": "PUT", "data": [b"a", b"b"]},
        [503, 200],
        [0.0, 1.0],
        200,
        ["retry.status"],
    ),
    (
        "content that cannot",
        {"method": "PUT", "data": iter([b"a", b"b"])},
        [503],
        [0.0],
        503,
        [f"{REFUSED}.content"],
    ),
    (
        "nor after an error",
        {"method": "PUT", "data": iter([b"a", b"b"])},
        [lost],
        [0.0],
        errors.ConnectionError,
        [],
    ),
    (
        "a redirect in between, whose hops share the count",
        {},
        [503, (302, {"Location": "/y"}), 503, unsent, 503],
        [0.0, 1.0, 1.0, 3.0, 7.0],
        503,
        ["retry.status", "retry.status", "retry.connection", f"{REFUSED}.count"],
    ),
]


@pytest.mark.parametrize(
    ("asked", "answers", "times", "end", "decided"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_a_table_of_answers_and_times(
    asked: dict[str, Any], answers: list[Answer], times: list[float], end: Any, decided: list[str]
) -> None:
    call = call_with(STEADY, **asked)
    played = play(call, answers)
    assert (played.times, played.end, codes(call)) == (times, end, decided)
    assert len(set(played.contents)) == 1, "each request has the same content"


@pytest.mark.parametrize(
    ("retries", "times"),
    [
        (RetryPolicy(retries_max=2, backoff=2.0, jitter=0.0), [0.0, 2.0, 6.0]),
        (RetryPolicy(retries_max=2, backoff=2.0, jitter=1.0), [0.0, 1.0, 3.0]),  # Half of it.
        (RetryPolicy(retries_max=2, backoff=0.0), [0.0, 0.0, 0.0]),
        (
            RetryPolicy(retries_max=3, backoff=4.0, backoff_max=5.0, jitter=0.0),
            [0.0, 4.0, 9.0, 14.0],
        ),
        (RetryPolicy(retries_max=0), [0.0]),
        (2, [0.0, 0.375, 1.125]),
        (1, [0.0, 0.375]),
        (None, [0.0]),
        (0, [0.0]),
    ],
)
def test_a_table_of_policies_and_times(retries: Any, times: list[float]) -> None:
    """The session's entropy says 0.5 each time."""
    session = session_with(retries, entropy=lambda size: b"\x80" + bytes(size - 1))
    assert play(session.call(Request("GET", URL)), [unsent] * 9).times == times


def changed(**fields: Any) -> RetryPolicy:
    return STEADY.replace(**fields)


def untrusted() -> RequestException:
    return errors.SSLError("not trusted", maybe_sent=False)


def no_http() -> RequestException:
    return errors.RemoteProtocolError("no HTTP", maybe_sent=True)


AGO = "Sun, 06 Nov 1994 08:49:36 GMT"
POLICIES: list[tuple[RetryPolicy, str, list[Answer], list[float], Any, str | None]] = [
    # Retry-After, in both forms, beside the back-off and up to its limit.
    (STEADY, "GET", [(503, {"Retry-After": "60"}), 200], [0.0, 60.0], 200, None),
    (STEADY, "GET", [(503, {"Retry-After": "61"})], [0.0], 503, "retry-after"),
    (
        changed(retry_after_max=4.9),
        "GET",
        [(503, {"Retry-After": RETRY_AT})],
        [0.0],
        503,
        "retry-after",
    ),
    (
        changed(retry_after_max=5.0),
        "GET",
        [(503, {"Retry-After": RETRY_AT}), 200],
        [0.0, 5.0],
        200,
        None,
    ),
    (changed(backoff=8.0), "GET", [(503, {"Retry-After": RETRY_AT}), 200], [0.0, 8.0], 200, None),
    (STEADY, "GET", [(503, {"Retry-After": AGO}), 200], [0.0, 1.0], 200, None),
    (STEADY, "GET", [(503, {"Retry-After": "soon"}), 200], [0.0, 1.0], 200, None),
    (
        changed(heeds_retry_after=False),
        "GET",
        [(503, {"Retry-After": "900"}), 200],
        [0.0, 1.0],
        200,
        None,
    ),
    # Statuses and methods.
    (changed(statuses=frozenset()), "GET", [503], [0.0], 503, None),
    (STEADY, "POST", [503], [0.0], 503, "method"),
    (changed(methods=None), "POST", [503, lost, 200], [0.0, 1.0, 3.0], 200, None),
    (changed(methods=frozenset({"GET"})), "PUT", [503], [0.0], 503, "method"),
    (
        changed(methods=frozenset()),
        "GET",
        [unsent, lost],
        [0.0, 1.0],
        errors.ConnectionError,
        "method",
    ),
    # Which failures.
    (changed(failed_connections=False), "GET", [unsent], [0.0], errors.ConnectionError, None),
    (changed(lost_responses=False), "GET", [lost], [0.0], errors.ConnectionError, None),
    (changed(lost_responses=False), "GET", [late], [0.0], errors.ReadTimeout, None),
    (STEADY, "GET", [untrusted], [0.0], errors.SSLError, None),
    (STEADY, "GET", [no_http], [0.0], errors.RemoteProtocolError, None),
    (STEADY, "GET", [unsent, untrusted], [0.0, 1.0], errors.SSLError, None),
    # A stale connection needs no policy, and takes nothing from one.
    (changed(retries_max=0), "GET", [stale, 200], [0.0, 0.0], 200, None),
    (changed(retries_max=0), "POST", [stale], [0.0], errors.ConnectionError, None),
    (changed(retries_max=1), "GET", [stale, stale, 200], [0.0, 0.0, 1.0], 200, None),
    # The budget.
    (changed(budget=0), "GET", [503], [0.0], 503, "budget"),
    (changed(budget=1), "GET", [503, lost], [0.0, 1.0], errors.ConnectionError, "budget"),
]


@pytest.mark.parametrize(("policy", "method", "answers", "times", "end", "refused"), POLICIES)
def test_a_table_of_policies_answers_and_times(
    policy: RetryPolicy,
    method: str,
    answers: list[Answer],
    times: list[float],
    end: Any,
    refused: str | None,
) -> None:
    call = call_with(policy, method)
    played = play(call, answers)
    assert (played.times, played.end) == (times, end)
    told = [code for code in codes(call) if code.startswith(REFUSED)]
    assert told == ([] if refused is None else [f"{REFUSED}.{refused}"])


def test_time_that_passes_meanwhile_is_not_waited_for_again() -> None:
    call = call_with(STEADY)
    call.start(0.0)
    assert isinstance(call.answered(response(503, {}), 1.0), Discard)  # Again at 2.0.
    assert isinstance(call.discarded(5.0), Send)


def test_the_decisions_say_what_was_waited_for() -> None:
    call = call_with(STEADY)
    play(call, [(503, {"Retry-After": "3"}), lost, 200])
    assert [(each.code, each.subject, each.reason) for each in call.decisions] == [
        ("retry.status", "http://a.test", "the response is a 503; retry 1 of 3 after 3 s"),
        ("retry.lost", "http://a.test", "the connection was lost; retry 2 of 3 after 2 s"),
    ]


def test_what_is_tried_again_is_shown_to_no_hook_and_stands_in_no_history() -> None:
    seen: list[int] = []
    session = session_with(STEADY)
    request = Request("GET", URL, hooks={"response": lambda got, **_: seen.append(got.status_code)})
    call = session.call(request)
    call.start(0.0)
    discard = call.answered(response(503, {"Set-Cookie": "a=1"}), 0.0)
    assert isinstance(discard, Discard)
    assert not discard.follows
    assert isinstance(call.discarded(0.0), Pause)
    assert isinstance(call.resumed(1.0), Send)
    assert (seen, call.history) == ([], [])
    assert session.cookies.get("a") == "1"


def test_a_call_may_have_retries_of_its_own() -> None:
    call = session_with(STEADY).call(Request("GET", URL))
    call.retry_by(None)
    assert play(call, [503]).end == 503
    call = session_with(None).call(Request("GET", URL))
    call.retry_by(STEADY)
    assert play(call, [503, 200]).times == [0.0, 1.0]


def test_a_call_whose_hops_are_calls_of_their_own_leaves_retries_to_them() -> None:
    call = session_with(STEADY).call(Request("GET", URL), mode=Mode.NESTED)
    call.start(0.0)
    assert isinstance(call.lost(unsent(), 0.0), Fail)


def test_the_hops_of_a_call_are_told_of_its_own_rules() -> None:
    call = session_with(None).call(Request("GET", URL), mode=Mode.DELEGATED)
    call.retry_by(STEADY)
    call.hedge_by(2)
    call.start(0.0)
    delegate = call.answered(response(302, {"Location": "/there"}), 0.0)
    assert isinstance(delegate, Delegate)
    assert (delegate.arguments["retries"], delegate.arguments["hedge"]) == (STEADY, 2)
    assert "retries" not in call.settings.given()  # No transport is told.


def test_a_session_takes_a_rule_of_ones_own() -> None:
    class Twice:
        """Tries everything again once, at once."""

        def decide(self, attempt: Attempt, random: float) -> Any:
            from sojourn_core.rules.retry_policy import Again

            return None if attempt.retries else Again(0.0, "retry.status", "once more")

    session = session_with(Twice())
    assert isinstance(session.retries, Twice)
    assert play(session.call(Request("POST", URL)), [200, 204]).end == 204


def test_the_budget_is_that_of_the_session() -> None:
    session = session_with(STEADY.replace(budget=2))
    ends = [play(session.call(Request("GET", URL)), [503, 200]).end for _ in range(4)]
    assert ends == [200, 200, 503, 503]
    call = session.call(Request("GET", URL))
    play(call, [503])
    assert codes(call) == [f"{REFUSED}.budget"]
    for _ in range(10):
        play(session.call(Request("GET", URL)), [200])
    assert play(session.call(Request("GET", URL)), [503, 200]).end == 200


def test_a_setting_counts_for_calls_that_come_after_it() -> None:
    session = session_with(None)
    assert play(session.call(Request("GET", URL)), [unsent]).end is errors.ConnectionError
    session.retries = STEADY
    assert play(session.call(Request("GET", URL)), [unsent, 200]).end == 200
    session.retries = None
    assert play(session.call(Request("GET", URL)), [unsent]).end is errors.ConnectionError


def end_of(answers: list[Answer]) -> RequestException:
    """Play answers to a GET, and return the error that comes of it."""
    call = call_with(STEADY)
    command, now = call.start(0.0), 0.0
    for answer in answers:
        assert isinstance(command, Send)
        if callable(answer):
            command = call.lost(answer(), now)
        else:
            call.answered(response(answer, {}), now)
            command = call.discarded(now)
        if isinstance(command, Pause):
            now = command.until
            command = call.resumed(now)
    assert isinstance(command, Fail)
    assert isinstance(command.error, RequestException)
    return command.error


@pytest.mark.parametrize(
    ("answers", "maybe_sent"),
    [
        ([unsent, unsent, unsent, unsent], False),
        ([lost, unsent, unsent, unsent], True),
        ([unsent, late, unsent, unsent], True),
        ([503, unsent, unsent, unsent], True),
        ([stale, unsent, unsent, unsent, unsent], True),
    ],
)
def test_an_error_knows_that_an_earlier_request_may_have_been_sent(
    answers: list[Answer], maybe_sent: bool
) -> None:
    assert end_of(answers).maybe_sent is maybe_sent


@pytest.mark.parametrize(("first", "maybe_sent"), [(lost, True), (unsent, False)])
def test_so_does_one_of_a_deadline_that_passes_in_between(first: Answer, maybe_sent: bool) -> None:
    call = call_with(STEADY, total=1.5)
    call.start(0.0)
    assert isinstance(call.lost(first(), 0.0), Pause)
    command = call.resumed(2.0)
    assert isinstance(command, Fail)
    assert isinstance(command.error, errors.DeadlineExceeded)
    assert command.error.maybe_sent is maybe_sent


# --- for all of them ----------------------------------------------------------------------------

policies = st.builds(
    RetryPolicy,
    retries_max=st.integers(0, 5),
    failed_connections=st.booleans(),
    lost_responses=st.booleans(),
    statuses=st.frozensets(st.sampled_from([429, 500, 503])),
    methods=st.sampled_from([None, frozenset({"POST"}), IDEMPOTENT_METHODS]),
    backoff=st.floats(0.0, 10.0),
    backoff_max=st.floats(0.0, 20.0),
    jitter=st.floats(0.0, 1.0),
    heeds_retry_after=st.booleans(),
    retry_after_max=st.floats(0.0, 100.0),
    budget=st.none() | st.integers(0, 3),
)
answer_lists = st.lists(
    st.sampled_from([unsent, lost, late, stale, 429, 500, 503, 200])
    | st.tuples(
        st.sampled_from([429, 503]),
        st.fixed_dictionaries({"Retry-After": st.integers(0, 200).map(str)}),
    ),
    min_size=8,
    max_size=8,
).map(lambda answers: [*answers, 200])


@given(
    policy=policies,
    answers=answer_lists,
    method=st.sampled_from(["GET", "PUT", "POST"]),
    content=st.sampled_from([None, b"ab", "again", "once"]),
    total=st.none() | st.floats(0.1, 30.0),
    seconds=st.floats(0.0, 2.0),
)
def test_what_holds_for_every_policy(
    policy: RetryPolicy,
    answers: list[Answer],
    method: str,
    content: Any,
    total: float | None,
    seconds: float,
) -> None:
    data = {"again": [b"a", b"b"], "once": iter([b"a", b"b"])}.get(content, content)
    call = call_with(policy, method, total=total, data=data)
    played = play(call, answers, seconds=seconds)
    resent = codes(call).count("retry.stale-connection")
    assert len(played.times) <= 1 + policy.retries_max + resent
    assert resent <= 1
    if policy.budget is not None:
        assert len(played.times) <= 1 + policy.budget + resent
    if content == "once":
        assert len(played.times) == 1  # It was read, and cannot be had again.
    assert len(set(played.contents)) == 1
    deadline = inf if total is None else total
    assert all(wait < deadline for wait in played.waits)
    if method == "POST" and policy.methods is not None and "POST" not in policy.methods:
        repeated = len(played.times) - 1
        assert all(answer is unsent for answer in answers[:repeated])
    whole = max(policy.backoff_max, policy.retry_after_max)
    starts = zip(played.times, played.times[1:], strict=False)
    assert all(after - before <= whole + seconds + 1e-6 for before, after in starts)


# --- a limit on the rate ------------------------------------------------------------------------


def limited(limit: Any, retries: Any = None) -> Session:
    session = session_with(retries)
    session.limit = limit
    return session


def test_a_request_waits_for_its_turn() -> None:
    session = limited("1/s")
    calls = [session.call(Request("GET", URL)) for _ in range(3)]
    assert [play(call, [200]).times for call in calls] == [[0.0], [1.0], [2.0]]
    assert [each.code for each in calls[2].decisions] == ["rate.paused"]


def test_each_hop_and_each_retry_takes_a_turn() -> None:
    call = limited("1/2s", STEADY).call(Request("GET", URL))
    played = play(call, [503, (302, {"Location": "/y"}), unsent, 200])
    assert (played.times, played.end) == ([0.0, 2.0, 4.0, 6.0], 200)


def test_a_turn_that_is_later_than_the_call_may_take_is_not_waited_for() -> None:
    session = limited("1/h")
    play(session.call(Request("GET", URL)), [200])
    settings = SendSettings(timeouts=Timeouts(total=60.0))
    call = session.call(Request("GET", URL), settings=settings)
    assert play(call, []).end is errors.DeadlineExceeded
    assert [each.code for each in call.decisions] == ["rate.refused.deadline"]


def test_content_that_is_sent_after_a_pause_is_whole() -> None:
    session = limited("1/s")
    play(session.call(Request("GET", URL)), [200])
    call = session.call(Request("PUT", URL, data=[b"a", b"b"]))
    assert play(call, [503]).contents == [b"ab"]


def test_what_a_server_says_of_its_limit_is_heeded() -> None:
    session = limited("100/s")
    play(session.call(Request("GET", URL)), [(200, {"RateLimit": '"default";r=0;t=9'})])
    assert play(session.call(Request("GET", URL)), [200]).times == [9.0]


def test_a_server_that_is_busy_is_heeded_without_a_limit_of_ones_own() -> None:
    session = limited("server")
    assert play(session.call(Request("GET", URL)), [(429, {"Retry-After": "9"})]).times == [0.0]
    assert play(session.call(Request("GET", URL)), [200]).times == [9.0]
    elsewhere = Request("GET", "http://b.test/")
    assert play(session.call(elsewhere), [200]).times == [0.0]


def test_a_call_whose_hops_are_calls_of_their_own_takes_no_turns() -> None:
    session = limited("1/s")
    for _ in range(2):
        assert isinstance(session.call(Request("GET", URL), mode=Mode.NESTED).start(0.0), Send)


def test_a_limit_can_be_set_and_taken_off() -> None:
    session = limited("1/s")
    assert session.limit is not None
    session.limit = None
    assert session.limit is None
    for _ in range(2):
        assert play(session.call(Request("GET", URL)), [200]).times == [0.0]
