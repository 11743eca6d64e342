"""An Exchange: one request and its response on one connection (RFC 9110 section 3.4).

The byte level of Sojourn. An exchange takes a prepared request, asks for a connection, sends the
request and hands up the response as it comes. It answers each reply of its driver with the next
command; what a peer does wrong comes back as ``Fail`` and never as an exception, so that a driver
may reply from within a callback of its loop. Only a reply that does not fit its command raises.

The life of an exchange::

    [Wait ->] [Probe -> [Close ->]] [Resolve -> Connect ... -> TLS by Write and Read ->]
    Write (head, and content that is at hand) -> [Pull -> Write] ... -> Read ...
    -> [Inform ->] Head -> [Read ...] Content -> ... -> Finish

Here is the machine: it checks that a reply fits the command, and forwards it to its state, which
answers with the next command or the next state. The states are in ``acquire``, ``connect``,
``cycle`` and ``draining``; ``phase`` has the table of what can follow what. Deadlines are absolute:
those of silence begin anew with each transfer and never lie beyond that of the whole call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sojourn_core.messages.fail import Fail
from sojourn_core.values.errors import InvalidContent, LocalProtocolError, RequestException
from sojourn_core.values.record import replace

from .acquire import PROBE, Probing, Waiting
from .commands import EXCHANGE_REPLIES, Content, Head, Probe, Pull, Read, Write, WriteFile
from .connect import Resolving
from .cycle import Cycle
from .draining import Draining
from .facts import ExchangeFacts
from .phase import ENDED
from .securing import waiting_cycle
from .state import NEW, Ended, State
from .ticket import Slot, Ticket
from .upload import SENT

if TYPE_CHECKING:
    from sojourn_core.messages.effects import Effects
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.fields import Fields

    from .commands import Address, ExchangeCommand
    from .leases import Refer
    from .plan import ExchangePlan
    from .pool import Pool
    from .state import Outcome

# Outcomes that are simply the next command. Others are states to enter, or end the exchange.
_NEXT: Final = frozenset({Write, Read, Head, Content, Pull})
_TOLD: Final[dict[type, type[BaseException]]] = {Pull: InvalidContent, WriteFile: OSError}


class Exchange(ExchangeFacts):
    """One request and its response.

    Args:
        plan: The request, where it goes, and how long it may take.
        pool: The ledger of connections.

    Attributes:
        plan: As given.
        command: The command that waits for a reply.
    """

    __slots__ = ("_pool", "plan")

    def __init__(self, plan: ExchangePlan, pool: Pool) -> None:
        self.plan = plan
        self.command = None
        self._pool = pool
        self._state = NEW

    # --- replies ----------------------------------------------------------------------------------

    def start(self, now: float) -> ExchangeCommand:
        """Begin."""
        if self._state is not NEW:
            raise LocalProtocolError("the exchange was started before")
        plan, pool = self.plan, self._pool
        ticket = Ticket(plan.key, plan.fresh)
        try:
            pool.ask(ticket, now)
            slot = ticket.slot
            if slot is None:
                command = self._follow(Waiting(plan, pool, ticket), now)
            elif slot.connection is None:
                command = self._follow(Resolving(plan, pool, slot), now)
            else:
                self._state = Probing(plan, pool, slot)
                command = self.command = PROBE
            if ticket.effects is not None:
                command = replace(command, effects=ticket.effects.add(command.effects))
                self.command = self.command and command  # None after a Fail, and it stays so.
            ticket.effects = None  # They are the driver's now, and no orphan's to do again.
        except BaseException:
            pool.orphan(ticket)  # Somebody has interrupted it: nobody else knows of the ticket.
            raise
        return command

    def woken(self, now: float) -> ExchangeCommand:
        """Go on: the ticket is ready, and its slot belongs to this exchange now."""
        self._expect("woken")
        return self._follow(self._state.woken(self.command, now), now)

    def quiet(self, now: float) -> ExchangeCommand:
        """Go on: the reused stream is open and has nothing to read."""
        if type(self.command) is not Probe:
            self._expect("quiet")
        kind = Cycle if not self.plan.request.expects else waiting_cycle()
        cycle = self._state = kind(self.plan, self._pool, self._state.slot, True)
        command = self.command = cycle.begin(now)
        return self._fail(command, now) if type(command) is Fail else command

    def closed(self, now: float) -> ExchangeCommand:
        """Go on: the stale stream was closed; its place in the pool is kept for a new one."""
        self._expect("closed")
        return self._follow(self._state.closed(), now)

    def resolved(self, addresses: tuple[Address, ...], now: float) -> ExchangeCommand:
        """Go on: the host has these addresses, the preferred ones first."""
        self._expect("resolved")
        try:
            return self._follow(self._state.resolved(self.command, addresses), now)
        except RequestException as error:
            return self._raised(error, now)

    def connected(self, stream: Any, now: float) -> ExchangeCommand:
        """Go on: a plain byte stream is there. ``stream`` is the driver's handle, and opaque."""
        self._expect("connected")
        return self._follow(self._state.connected(stream), now)

    def written(self, now: float) -> ExchangeCommand:
        """Go on: all of the data was sent."""
        if type(self.command) is not Write:  # The hot path asks the table only when in doubt.
            self._expect("written")
        try:
            outcome: Any = self._state.written(now)
        except RequestException as error:
            return self._raised(error, now)
        if type(outcome) not in _NEXT:
            return self._follow(outcome, now)
        command: ExchangeCommand = outcome
        self.command = command
        return command

    def readable(self, sent: int, now: float) -> ExchangeCommand:
        """Go on: there is something to read, or the end; ``sent`` bytes went out before that.

        Raises:
            LocalProtocolError: As every reply; or a Write is not watched, or a Probe says it sent.
        """
        self._expect("readable")
        command = self.command
        if isinstance(command, Write) and not command.watch:
            raise LocalProtocolError("'readable' does not fit a Write that is not watched")
        if sent and isinstance(command, Probe):
            raise LocalProtocolError("'readable' of a Probe says that 0 bytes were sent")
        return self._follow(self._state.readable(command, sent, now), now)

    def received(self, data: bytes, now: float) -> ExchangeCommand:
        """Go on: some bytes came; none at all mean that the stream has ended."""
        if type(self.command) is not Read:
            self._expect("received")
        try:
            outcome: Any = self._state.received(data, now)
        except RequestException as error:
            return self._raised(error, now)
        if type(outcome) not in _NEXT:
            return self._follow(outcome, now)
        command: ExchangeCommand = outcome
        self.command = command
        return command

    def pulled(self, chunk: bytes | None, now: float) -> ExchangeCommand:
        """Go on: the next piece of the request's content; None when there is no more."""
        if type(self.command) is not Pull:
            self._expect("pulled")
        try:
            outcome: Outcome = self._state.pulled(chunk, now)
        except RequestException as error:
            return self._raised(error, now)
        if type(outcome) is not Write:
            return self._follow(outcome, now)
        self.command = outcome
        return outcome

    def proceed(self, now: float) -> ExchangeCommand:
        """Go on: whoever reads asks for more."""
        self._expect("proceed")
        try:
            outcome: Outcome = self._state.go_on(now)
        except RequestException as error:
            return self._raised(error, now)
        if type(outcome) not in _NEXT:
            return self._follow(outcome, now)
        command = self.command = cast("ExchangeCommand", outcome)
        return command

    def drain(self, limit: int, deadline: float, now: float) -> ExchangeCommand:
        """Leave out the rest: read up to ``limit`` bytes to keep the connection, else drop it.

        The answer is ``Read`` or ``Finish``; no content is handed up any more.
        """
        self._expect("drain")
        return self._follow(Draining(self._state, limit, deadline), now)

    def expired(self, now: float) -> ExchangeCommand:
        """Go on: the deadline of the command has passed."""
        self._expect("expired")
        return self._follow(self._state.expired(self.command, now), now)

    def failed(self, error: BaseException, now: float) -> ExchangeCommand:
        """Go on: the command could not be carried out.

        What the iterator of a Pull raises is the user's, and comes back as it is; so does what the
        file of a WriteFile raises that is no ``OSError``.
        """
        self._expect("failed")
        if not isinstance(error, _TOLD.get(type(self.command), BaseException)):
            # It is the user's own, and may tell of another request: it passes as it is.
            return self._end(Fail(cast("Exception", error)), now)
        return self._follow(self._state.failed(self.command, error, now), now)

    # --- shortcuts and the end --------------------------------------------------------------------

    def at_hand(self) -> tuple[bytes, Fields | None, list[Decision]] | None:
        """Return the content, and trailers and decisions as ``Finish`` has them, if all has come.

        Then the exchange has ended; else it returns None. It is a shortcut for readers that want
        all there is: nothing is lost without it.
        """
        if type(self.command) is not Head:
            return None
        cycle = self._state
        message = cycle.message
        if not message.ended or cycle.slot.held:  # The request may not be sent to its end.
            return None
        cycle.phase = ENDED
        self.command = None
        return message.take(), message.trailers, message.decisions

    def gather(self) -> bool:
        """Have ``Head`` handed up again by ``proceed``, once all of the content is at hand.

        A shortcut after ``Head`` for readers that want all there is, so that they are not woken for
        each piece; nothing is lost without it. Where there is much content, and before an error,
        it comes earlier: then ``at_hand`` has nothing, and the content is read as ever.

        Returns:
            Whether that is so: not if somebody has begun to read the content, nor while the request
            is still being sent.
        """
        if type(self.command) is not Head or self._state.upload is not SENT:
            return False
        self._state.gather()
        return True

    def abandon(self, now: float) -> Effects | None:
        """Give up at any point. The connection is dropped unless the response has ended.

        Returns:
            What is to be done: streams to close, tickets to wake, content to release.
        """
        state = self._state
        effects: Effects | None = None
        if state.phase is not ENDED:
            # A step that was interrupted is given up again, by the next who tries: the state and
            # the command, by which a finalizer knows that there is something, go last.
            effects = state.give_up(now)
            self._state = Ended(state.progress)
        self.command = None
        return effects

    def orphan(self) -> bool:
        """Give up from within a finalizer: leave what is still held to the pool's next step.

        It returns False if there was nothing.
        """
        state = self._state
        if state.phase is ENDED:
            return False
        held = state.held()
        if held is not None:
            self._pool.orphan(held)
        self._state = Ended(state.progress)
        self.command = None
        return held is not None

    def watch(self, refer: Refer) -> None:
        """Have the slot taken back once its owner is gone: the driver, or who holds it.

        The owner's finalizer is to ``orphan``; this holds where a signal handler cuts that short.

        Args:
            refer: Makes a weak reference to the owner, ``partial(weakref.ref, owner)``.
        """
        held = self._state.held()
        if isinstance(held, Slot):
            self._pool.watch(held, refer)

    # --- what the replies have in common ----------------------------------------------------------

    def _expect(self, reply: str) -> None:
        if reply not in EXCHANGE_REPLIES.get(type(self.command), ()):
            asked = "nothing" if self.command is None else type(self.command).__name__
            raise LocalProtocolError(f"{reply!r} does not fit {asked}")

    def _follow(self, outcome: Outcome, now: float) -> ExchangeCommand:
        """Enter the next states, until one answers with a command."""
        while isinstance(outcome, State):
            state: Any = outcome
            self._state = state
            try:
                outcome = state.begin(now)
            except RequestException as error:
                return self._raised(error, now)
        if isinstance(outcome, Fail):
            return self._fail(outcome, now)
        self.command = outcome
        return outcome

    def _raised(self, error: RequestException, now: float) -> Fail:
        """End with an error that a state has raised.

        Its frames lead on to those of a driver's callback, which hold the Fail made here: a circle.
        """
        error.__traceback__ = None
        return self._fail(Fail(error), now)

    def _fail(self, fail: Fail, now: float) -> Fail:
        error, state = fail.error, self._state
        if isinstance(error, RequestException) and error.request is None:
            progress = error.progress = state.progress
            error.maybe_sent = state.sends and progress.octets_written > 0
        return self._end(fail, now)

    def _end(self, fail: Fail, now: float) -> Fail:
        state = self._state
        effects: Effects | None = state.give_up(now)
        # The error leads to this exchange, which must not lead to it.
        self._state = Ended(state.progress)
        self.command = None
        if effects is not None:
            fail.effects = effects.add(fail.effects)
        return fail
