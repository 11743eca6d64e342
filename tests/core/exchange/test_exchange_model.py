"""Exchanges side by side on one pool: whatever they are told, and whoever gives up, it adds up.

Hypothesis interleaves their replies, and has any of them fail, expire, or be given up at any
command. The reference knows from outside what a driver knows: which streams it has opened, which it
was told to close, and whom to wake.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sojourn_core import Exchange, Pool, PoolLimits
from sojourn_core.commands import (
    EXCHANGE_REPLIES,
    Address,
    Close,
    Connect,
    Content,
    Fail,
    Finish,
    Head,
    Probe,
    Pull,
    Read,
    Resolve,
    Wait,
    Write,
)
from tests.core.exchanges import plan_for

FOUND: Final = (Address("192.0.2.1", 80), Address("2001:db8::1", 80, "ipv6"))
SAID: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    b"HTTP/1.1 302 Found\r\nLocation: /x\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"okok",
    b"2\r\nok\r\n0\r\n\r\n",
    b"no HTTP",
    b"",
)
ENDS: Final = (Finish, Fail)


class Asked:
    """One exchange, and its command; None once it is over."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.command: Any = None

    def __repr__(self) -> str:
        return f"<{self.command} on {self.stream}>"

    @property
    def stream(self) -> Any:
        """The stream that is its own: of a place that was granted, even before it is woken."""
        if not isinstance(self.command, Wait):
            return self.exchange.stream
        slot = self.command.ticket.slot
        return None if slot is None or slot.connection is None else slot.connection.stream


class Exchanges(RuleBasedStateMachine):
    """Some exchanges on a small pool."""

    @initialize(total=st.integers(1, 3), per_key=st.integers(1, 2), idle=st.integers(0, 2))
    def begin(self, total: int, per_key: int, idle: int) -> None:
        self.limits = PoolLimits(
            connections_max=total,
            connections_per_key_max=per_key,
            idle_max=idle,
            idle_seconds_max=10.0,
        )
        self.pool = Pool(self.limits)
        self.now = 0.0
        self.live: list[Asked] = []
        self.open: set[str] = set()
        self.opened = 0
        self.woken: list[Any] = []

    # What a driver does.

    def carry_out(self, effects: Any) -> None:
        if effects is None:
            return
        for stream in effects.closes:
            self.open.remove(stream)  # It was opened, and is closed once.
        for ticket in effects.wakes:
            assert ticket.ready, "nobody is woken for nothing"
            self.woken.append(ticket)
        for content in effects.releases:
            content.close()

    def follow(self, asked: Asked, command: Any) -> None:
        self.carry_out(command.effects)
        asked.command = command
        if isinstance(command, ENDS):
            assert not asked.exchange.holds, "who has ended holds nothing"
            self.live.remove(asked)

    def choose(self, index: int) -> Asked:
        return self.live[index % len(self.live)]

    @rule(
        host=st.sampled_from("ab"),
        fresh=st.sampled_from([False, False, True]),
        races=st.booleans(),
        uploads=st.booleans(),
    )
    def start(self, host: str, fresh: bool, races: bool, uploads: bool) -> None:
        data = iter([b"x"]) if uploads else None
        plan = plan_for(
            f"http://{host}.test/",
            "POST" if uploads else "GET",
            data=data,
            fresh=fresh,
            races=races,
        )
        asked = Asked(Exchange(plan, self.pool))
        self.live.append(asked)
        self.follow(asked, asked.exchange.start(self.now))

    @precondition(lambda self: self.live)
    @rule(index=st.integers(0, 9), said=st.sampled_from(SAID), wanted=st.booleans())
    def go_on(self, index: int, said: bytes, wanted: bool) -> None:
        """Have a command go well."""
        asked, now = self.choose(index), self.now
        exchange, command = asked.exchange, asked.command
        match command:
            case Wait():
                self.follow(asked, exchange.woken(now))
            case Probe():
                replied = exchange.quiet(now) if wanted else exchange.readable(0, now)
                self.follow(asked, replied)
            case Close():
                self.open.remove(exchange.stream)
                self.follow(asked, exchange.closed(now))
            case Resolve():
                self.follow(asked, exchange.resolved(FOUND if wanted else FOUND[:1], now))
            case Connect():
                self.opened += 1
                stream = f"stream {self.opened}"
                self.open.add(stream)
                self.follow(asked, exchange.connected(stream, now))
            case Write(watch=True) if not wanted:
                self.follow(asked, exchange.readable(0, now))
            case Write():
                self.follow(asked, exchange.written(now))
            case Pull():
                self.follow(asked, exchange.pulled(command.content.take(), now))
            case Read():
                self.follow(asked, exchange.received(said, now))
            case Head() | Content() if not wanted:
                self.follow(asked, exchange.drain(2, now + 1, now))
            case _:
                self.follow(asked, exchange.proceed(now))

    @precondition(lambda self: self.live)
    @rule(index=st.integers(0, 9), late=st.booleans())
    def go_wrong(self, index: int, late: bool) -> None:
        """Have a command fail, or its deadline pass, if that fits."""
        asked = self.choose(index)
        if "failed" not in EXCHANGE_REPLIES[type(asked.command)]:
            return
        if late:
            deadline = asked.command.deadline
            self.now = max(self.now, min(deadline, self.now + 5))
            self.follow(asked, asked.exchange.expired(self.now))
        else:
            self.follow(asked, asked.exchange.failed(OSError("lost"), self.now))

    @precondition(lambda self: self.live)
    @rule(index=st.integers(0, 9))
    def give_up(self, index: int) -> None:
        """Cancel one at its command, whatever that is."""
        asked = self.choose(index)
        self.carry_out(asked.exchange.abandon(self.now))
        assert not asked.exchange.holds
        assert asked.exchange.abandon(self.now) is None, "it is given up once"
        self.live.remove(asked)

    @precondition(lambda self: self.live)
    @rule(index=st.integers(0, 9))
    def vanish(self, index: int) -> None:
        """Have a driver be collected: its finalizer leaves an orphan, for the pool's next step."""
        asked = self.choose(index)
        asked.exchange.orphan()
        self.live.remove(asked)
        self.carry_out(self.pool.expire(self.now))

    @rule()
    def close_pool(self) -> None:
        self.carry_out(self.pool.close())

    @rule(seconds=st.sampled_from([0.5, 11.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    # What holds after each of them.

    @invariant()
    def each_stream_has_one_owner(self) -> None:
        if not hasattr(self, "pool"):
            return
        owned = [each.stream for each in self.live if each.stream is not None]
        idle = [each.stream for each in self.pool._idle]
        assert len({*owned, *idle}) == len(owned) + len(idle)
        assert {*owned, *idle} == self.open, "no stream is forgotten"

    @invariant()
    def the_ledger_counts_what_is_there(self) -> None:
        if not hasattr(self, "pool"):
            return
        waiting = [each for each in self.live if self.is_waiting(each)]
        holding = [each for each in self.live if each.exchange.holds and each not in waiting]
        leased, idle, tickets = self.pool.counts
        assert leased == len(holding)
        assert tickets == len(waiting)
        assert leased + idle <= self.limits.connections_max
        assert idle <= self.limits.idle_max
        for host in "ab":
            ours = [each for each in holding if each.exchange.plan.host == f"{host}.test"]
            assert len(ours) <= self.limits.connections_per_key_max

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """Who waits does so for want of room, and who was granted a place was woken."""
        if not hasattr(self, "pool"):
            return
        holding = [each for each in self.live if each.exchange.holds and not self.is_waiting(each)]
        for asked in self.live:
            if not isinstance(asked.command, Wait):
                continue
            ticket = asked.command.ticket
            if ticket.ready:
                assert ticket in self.woken
                continue
            same = [each for each in holding if each.exchange.plan.key == asked.exchange.plan.key]
            full = len(holding) >= self.limits.connections_max
            assert full or len(same) >= self.limits.connections_per_key_max

    @staticmethod
    def is_waiting(asked: Asked) -> bool:
        return isinstance(asked.command, Wait) and not asked.command.ticket.ready

    def teardown(self) -> None:
        if not hasattr(self, "pool"):
            return
        while self.live:
            self.give_up(0)
        self.close_pool()
        assert not self.open
        assert self.pool.open_count == 0
        assert not self.pool._shelves
        assert not self.pool._connections


TestExchanges = Exchanges.TestCase
TestExchanges.settings = settings(max_examples=120, stateful_step_count=50)
