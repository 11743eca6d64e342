"""Plays one case with a driver, and tells what is wrong."""

from __future__ import annotations

import gc
import ipaddress
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.exchange.plan import plan_exchange
from sojourn_core.exchange.pool import Pool
from sojourn_core.messages.request import Request
from sojourn_core.messages.send import Send
from sojourn_core.messages.settings import SendSettings
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.route import DIRECT, Route

from .case import Ask, Await, Case, ClosePool, ExpirePool, Forget, GiveUp, Lacks, Run
from .certificate import distrusting_context, trusting_context
from .handshake import KitHandshake
from .job import Job, Turn
from .judge import judge
from .leaks import Before
from .peer import Endpoint, Flags
from .source import Source
from .streams import DeadListener, SilentListener
from .watched import Watch, WatchedExchange

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sojourn_core.commands import Address
    from sojourn_core.exchange.plan import ExchangePlan
    from sojourn_core.values.timeouts import Timeouts

    from .case import Phase
    from .driver import Driver

GUARD: Final = 15.0  # Seconds after which a case hangs.
LEAK_SECONDS: Final = 3.0  # The time that what goes away by itself has for it.
_PAUSE: Final = 0.001


def check(case: Case, make_driver: Callable[[], Driver], *, guard: float = GUARD) -> None:
    """Play a case with a driver of its own.

    Args:
        case: The case.
        make_driver: Makes the driver.
        guard: Seconds after which the driver hangs.

    Raises:
        AssertionError: The driver does something wrong; the message tells all of it.
    """
    __tracebackhide__ = True  # The message tells all there is to know.
    faults = Play(case, make_driver, guard).run()
    if faults:
        raise AssertionError("\n  ".join([f"{case.name}:", *dict.fromkeys(faults)]))


class Play:
    """One case being played.

    Args:
        case: The case.
        make_driver: Makes the driver.
        guard: Seconds after which the driver hangs.
    """

    def __init__(self, case: Case, make_driver: Callable[[], Driver], guard: float) -> None:
        self.case = case
        self.faults: list[str] = []
        self._make_driver = make_driver
        self._pool = Pool(case.limits, threading.RLock())
        self._flags = Flags(guard)
        self._log: list[str] = []
        self._jobs: dict[str, Job] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self._guard = guard
        self._over = threading.Event()
        self._thread = threading.get_ident()
        self._driver: Driver

    def run(self) -> list[str]:
        """Play it, and return what is wrong."""
        before = Before()
        self._driver = self._make_driver()
        try:
            self._listen()
            watchdog = threading.Timer(self._guard, self._hang)
            watchdog.daemon = True
            watchdog.start()
            try:
                self._play()
            except KeyboardInterrupt:
                if not self._flags.over:
                    raise
            finally:
                self._over.set()
                watchdog.cancel()
                watchdog.join()
        finally:
            try:
                self._driver.close()
            finally:
                self._flags.end()
                for endpoint in self._endpoints.values():
                    endpoint.close()
                for file, _ in self._flags.files:
                    file.close()
        self.faults += before.left()
        return self.faults

    # --- before ---------------------------------------------------------------------------------

    def _listen(self) -> None:
        case = self.case
        for name, scripts in case.peers.items():
            listener: Any
            if name in case.silent:
                listener = SilentListener()
            elif scripts:
                listener = self._driver.listen(narrow=name in case.narrow)
            else:
                listener = DeadListener()
            self._endpoints[name] = Endpoint(name, listener, scripts, self._flags)

    def _addresses(self, name: str) -> list[Address]:
        return [
            self._endpoints[each].listener.address
            for each in self.case.addresses.get(name, (name,))
        ]

    def _hang(self) -> None:
        """End what hangs: connections are cut, and whoever waits is woken."""
        self.faults.append(f"the driver hangs: nothing has ended after {self._guard} s")
        self._flags.end()
        for endpoint in self._endpoints.values():
            endpoint.cut()
        is_main = self._thread == threading.main_thread().ident
        can_be_woken = is_main and callable(signal.getsignal(signal.SIGINT))
        if not self._over.wait(self._guard) and can_be_woken:
            signal.pthread_kill(self._thread, signal.SIGINT)  # It waits for what never comes.

    # --- the phases -----------------------------------------------------------------------------

    def _play(self) -> None:
        for phase in self.case.phases:
            if not self._flags.over:
                self._take(phase)
        self._judge()
        self._await_closed(self._pool.idle_count)
        if (self._pool.open_count, self._pool.idle_count) != (self.case.idle, self.case.idle):
            self.faults.append(
                f"of the pool {self._pool.open_count} slots are in use or idle,"
                f" {self._pool.idle_count} of them idle; there should be {self.case.idle} idle ones"
            )
        if self._pool.waiting_count:
            self.faults.append(f"{self._pool.waiting_count} tickets still wait")
        self._close_pool()
        self._await_closed(0)
        self.faults += [f"left open: {each}" for each in self._driver.left_open()]

    def _take(self, phase: Phase) -> None:
        match phase:
            case Run(jobs, sets):
                self._run([self._job(each) for each in jobs])
                if sets:
                    self._flags.set(sets)
            case GiveUp(name):
                self._driver.abandon(self._jobs[name])
                self._jobs[name].watch.settle("once the job was given up")
            case Forget(name):
                self._jobs[name].own = None
                gc.collect()
            case Await(flag) if not self._flags.wait(flag, LEAK_SECONDS):
                self.faults.append(f"nothing has set the flag {flag!r}")
            case Lacks(flag) if self._flags.wait(flag, 0):
                self.faults.append(f"the flag {flag!r} is set too early")
            case ClosePool():
                self._close_pool()
            case ExpirePool():
                self._driver.carry_out(self._pool.expire(time.monotonic()))
            case Await() | Lacks():
                pass

    def _close_pool(self) -> None:
        self._driver.carry_out(self._pool.close())

    def _job(self, which: Ask | str) -> Job:
        if isinstance(which, str):
            return self._jobs[which]
        job = self._jobs[which.name] = self._make(which)
        return job

    def _make(self, ask: Ask) -> Job:
        content = ask.content
        if callable(content):
            content = content(self._flags)
        plan = plan_of(ask, content)
        plan.timeouts = within(plan.timeouts, self._guard)
        for file, size in self._flags.files:
            if size is not None:
                file.truncate(size)
        source = content if isinstance(content, Source) else None
        addresses = self._addresses(ask.proxy or ask.at)
        watch = Watch(ask, self._flags, self._log, addresses, source)
        job = Job(ask, WatchedExchange(plan, self._pool, watch), self._pool, watch)
        job.source = source
        return job

    def _run(self, jobs: list[Job]) -> None:
        turn: Turn | None = None
        for job in jobs:
            job.turn = turn = Turn(turn, self._thread)
            job.cancels = [
                other
                for other in jobs
                if other.ask.cancel is not None and other.ask.cancel.by == job.name
            ]
        try:
            self._driver.run(jobs)
        except Exception as error:  # noqa: BLE001 - it is the driver's
            self.faults.append(f"run raises {error!r}")
        for job in jobs:
            if not job.rests:
                self.faults.append(f"run has returned, and {job.name} is at {job.exchange.command}")
            job.watch.settle("by the end of run")

    # --- after ----------------------------------------------------------------------------------

    def _judge(self) -> None:
        for job in self._jobs.values():
            self.faults += [f"{job.name}: {each}" for each in (*job.watch.faults, *judge(job))]
            if job.source is not None:
                self.faults += job.source.faults
        rest = iter(self._log)
        for event in self.case.order:
            if event not in rest:
                self.faults.append(f"{event!r} does not come in its place, in {self._log}")
                break
        for endpoint in self._endpoints.values():
            endpoint.await_accepted(LEAK_SECONDS)
            for connection in endpoint.connections:
                if not connection.is_over.wait(LEAK_SECONDS):
                    self.faults.append(f"{connection.name}: its script is not over")
                self.faults += connection.faults
            self.faults += endpoint.faults
            if endpoint.unplayed():
                self.faults.append(
                    f"{endpoint.name}: {endpoint.unplayed()} connections are missing"
                )

    def _await_closed(self, idle: int) -> None:
        """See to it that no sockets are open but those of idle connections."""
        until = time.monotonic() + LEAK_SECONDS
        while (count := self._count_open()) > idle:
            if time.monotonic() > until:
                self.faults.append(f"{count} sockets are open, and {idle} connections are idle")
                return
            time.sleep(_PAUSE)

    def _count_open(self) -> int:
        return sum(
            not connection.is_closed.is_set()
            for endpoint in self._endpoints.values()
            for connection in endpoint.connections
        )


def within(timeouts: Timeouts, seconds: float) -> Timeouts:
    """Return timeouts none of which is longer than this: so that nobody waits beyond the guard."""
    given = (timeouts.connect, timeouts.read, timeouts.write, timeouts.pool)
    connect, read, write, pool = (min(each or seconds, seconds) for each in given)
    return timeouts.replace(connect=connect, read=read, write=write, pool=pool)


def plan_of(ask: Ask, content: Any) -> ExchangePlan:
    """Return the plan of an exchange."""
    scheme = "https" if ask.secure else "http"
    host = ask.host or f"{ask.at}.test"
    request = Request(
        ask.method, f"{scheme}://{host}{ask.target}", headers=dict(ask.fields), data=content
    ).prepare()
    context: ssl.SSLContext | None = None
    if ask.secure:
        context = trusting_context() if ask.trusts else distrusting_context()
    route = DIRECT
    if ask.proxy is not None:
        proxy = parse_proxy(f"{ask.proxy_scheme}://{ask.proxy}.test:3128")
        route = Route(proxy, tunnels=ask.tunnels)
    networks: Any = tuple(ipaddress.ip_network(each) for each in ask.refuses)
    send = Send(
        request,
        route,
        SendSettings(
            timeouts=ask.timeouts,
            refused_networks=networks,
            needs_close_notify=ask.needs_close_notify,
        ),
        fresh=ask.fresh,
        proxy_authorization=ask.proxy_authorization,
    )
    return plan_exchange(
        send,
        limits=DEFAULT_LIMITS,
        tls_context=context,
        informs=ask.informs,
        switches=ask.switches,
        writes_files=ask.files,
        races=ask.races,
        proxy_tls_context=trusting_context() if ask.trusts_proxy else distrusting_context(),
        handshake=KitHandshake,
    )
