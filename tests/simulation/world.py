"""One world: hosts, proxies, sessions and users on one clock, all of them drawn by a seed.

After each event the books are compared: the slots of the pool with the exchanges that hold one, its
connections with the lines that are open, its queue with the room there is. At the end everybody has
what they asked for, or an error that has a cause, and nothing is left.
"""

from __future__ import annotations

from collections import Counter, deque
from ipaddress import ip_address
from random import Random
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from sojourn_core import (
    BearerAuth,
    HedgePolicy,
    Policy,
    Pool,
    PoolLimits,
    Request,
    RetryPolicy,
    Session,
    Timeouts,
    carry_out_async,
)
from sojourn_core.commands import Address
from sojourn_core.errors import DeadlineExceeded, RequestException

from .errands import Errand, Place, UserError, draw_hops, pattern
from .loop import TICKS, Cancelled, Loop, Task
from .messages import Held, Messages
from .network import Found, Network, Transfers, WatchingTransfers
from .peers import EXPECT, HARMLESS, Server, Talk, TlsTalk, Way, basic
from .socks import SocksTalk

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core import commands as c
    from sojourn_core.call.call import Call
    from sojourn_core.messages.response import Response
    from sojourn_core.rules.hedge import Hedge
    from sojourn_core.values.decision import Decision
    from sojourn_core.values.head import ResponseHead

    from .network import Line

HOSTS: Final = ("a.test", "b.test", "c.test", "d.test", "e.test")
# What costs a request nothing that may be sent twice.
STALE: Final = {*HARMLESS, "closed idle", "declined"}
SESSIONS: Final = 4
PROXIES: Final = 2
# How a proxy is spoken to; each proxy understands all of it.
WAYS: Final = ("http", "http", "http", "https", "socks5", "socks5h", "socks4a")
HELD_MAX: Final = 60.0  # Seconds that a server may hold requests back, as the default has it.
WALL: Final = 1_790_000_000.0
USERS_MAX: Final = 30
MEMORY: Final = 4000  # Errands that servers know of; the older ones have ended long ago.


class Tally:
    """Figures of a run."""

    def __init__(self) -> None:
        self.exchanges = self.calls = self.events = self.lines = 0
        self.seconds = 0.0
        self.faults: Counter[str] = Counter()
        self.endings: Counter[str] = Counter()
        self.digest = 0


class World:
    """Everything.

    Args:
        seed: Draws all of it.
        exchanges: How many are begun, about.
        tally: Counts.
    """

    def __init__(self, seed: str, exchanges: int, tally: Tally) -> None:
        self.random = random = Random(seed)
        self.tally = tally
        self.loop = loop = Loop(Random(random.random()))
        self.network = network = Network(loop, random)
        self.network.fault = self.fault
        self.errands: dict[int, Errand] = {}
        self.begun = 0
        self.exchanges = 0
        self.exchanges_max = exchanges
        self._claims = 0
        self._paces: dict[Any, deque[float]] = {}
        self._limits: dict[Any, float] = {}  # Until when a server holds a session back.
        self._hedges: Counter[tuple[int, str]] = Counter()
        self._users = random.randrange(2, USERS_MAX + 1)
        self._alive = 0
        # What kind of world it is.
        self.answer_faults = random.choice((0.0, 0.02, 0.02, 0.05, 0.2))
        self.connect_faults = random.choice((0.0, 0.01, 0.01, 0.1))
        network.slow_names = random.choice((0.0, 0.005, 0.05))
        self.cancels = random.choice((0.0, 0.02, 0.02, 0.15))
        self.restarts = random.choice((0.0, 0.05, 0.3))  # In a second, for each host.
        self.tls = random.choice((0.0, 0.0, 0.1))
        self.thinking = random.choice((0.0, 0.02, 0.5))
        self.tidying = random.choice((0.0, 0.0, 1.0, 10.0))
        self.drops = random.choice((0.0, 0.0, 0.3))
        self.races = random.random() < 0.5
        self.expects = random.choice((0.0, 0.3, 0.3))  # Of uploads.
        self._transfers = random.choice((Transfers, WatchingTransfers))
        per_key = random.choice((1, 2, 5, 100))
        limits = PoolLimits(
            connections_max=random.choice((1, 3, 10, 100)),
            connections_per_key_max=per_key,
            idle_max=random.choice((0, 1, 5, 100)),
            idle_seconds_max=random.choice((0.1, 2.0, 30.0)),
            idle_per_key_max=random.choice((None, None, 1)),
        )
        self.pool = Pool(limits)
        self._build_hosts()
        self.sessions = [self._session(number) for number in range(SESSIONS)]
        loop.stepped = self._check

    # What there is.

    def _build_hosts(self) -> None:
        random, network = self.random, self.network
        self.places: list[Place] = []
        self.servers = [Server(self, number) for number in range(len(HOSTS) + PROXIES)]
        for server in self.servers:
            server.patience = random.choice((None, None, 0.05, 1.0))
        for number, host in enumerate(HOSTS):
            ports = [("http", 80), ("http", 8080)] if number < 3 else [("http", 80)]
            if number < 2:
                ports.append(("https", 443))
            addresses = [Address(f"10.0.{number}.1", 0)]
            if random.random() < 0.3:  # One where nobody answers, or nobody listens.
                addresses.insert(0, Address(f"10.9.{number}.1", 0))
            if random.random() < 0.3:
                addresses.append(Address(f"fd00::{number}", 0, "ipv6"))
            network.names[host] = tuple(addresses)
            for scheme, port in ports:
                place = Place(len(self.places), scheme, host, port, number)
                self.places.append(place)
                for address in addresses:
                    dead = address.host.startswith("10.9.")
                    door = self._dead if dead else self._door(place)
                    network.doors[address.host, port] = door
                network.doors[place.socket, 0] = self._door(place, Way("unix", None))
        self.place_by_text = {each.text: each for each in self.places}
        self.place_by_address = {(each.host, each.port): each for each in self.places}
        for each in self.places:
            for address in network.names[each.host]:
                if not address.host.startswith("10.9."):
                    self.place_by_address[str(ip_address(address.host)), each.port] = each
        # The default policy keeps Authorization, and it alone, on the way from port 80 to TLS.
        self.upgrades = {
            place.number: self.place_by_text[f"http://{place.host}"].number
            for place in self.places
            if place.scheme == "https"
        }
        self._plain = [each for each in self.places if each.scheme == "http"]
        self.proxy_credentials: list[list[str]] = []
        network.names["localhost"] = (Address("10.1.9.1", 0),)
        for number in range(PROXIES):
            host, server = f"proxy{number}.test", self.servers[len(HOSTS) + number]
            network.names[host] = (Address(f"10.1.{number}.1", 0),)
            by_tls = ("10.1.9.1", "127.0.0.1")[number]  # A name, and a literal.
            network.doors[f"10.1.{number}.1", 3128] = self._proxy_door(server, number)
            network.doors[by_tls, 4430] = self._proxy_door(server, number, by_tls=True)
            network.doors[f"10.1.{number}.1", 1080] = self._socks_door(server, number)
            self.proxy_credentials.append(
                [basic(f"p{number}", f"zzx{number}n{each}zz") for each in range(SESSIONS)]
            )

    def _door(self, place: Place, way: Way | None = None) -> Callable[[Line], str | None]:
        server = self.servers[place.host_number]

        def door(line: Line) -> str | None:
            if place.scheme == "https":
                return server.admit(line, TlsTalk(server, line, place, way))
            return server.admit(line, Talk(server, line, place, way))

        return door

    def _proxy_door(
        self, server: Server, number: int, *, by_tls: bool = False
    ) -> Callable[[Line], str | None]:
        kind, way = (TlsTalk, "https") if by_tls else (Talk, "http")
        return lambda line: server.admit(line, kind(server, line, None, Way(way, number)))

    def _socks_door(self, server: Server, number: int) -> Callable[[Line], str | None]:
        return lambda line: server.admit(line, SocksTalk(server, line, number))

    def _dead(self, line: Line) -> str:
        return self.random.choice(("refused", "silent"))

    def _session(self, number: int) -> Session:
        random = self.random
        policy = Policy(
            tunnel_http=number == 1 and random.random() < 0.5,
            expects_from=20_000 if number == 2 and self.expects else None,
        )
        session = Session(policy=policy, entropy=Random(random.random()).randbytes)
        session.set_clock(0.0, WALL)
        session.trust_env = False
        if number % 2:
            session.retries = RetryPolicy(
                retries_max=random.randrange(1, 4),
                statuses=random.choice((frozenset(), frozenset({503}))),
                backoff=random.choice((0.0, 0.1, 1.0)),
                retry_after_max=random.choice((0.5, 60.0)),
                budget=random.choice((None, 10)),
            )
        if number == 3:
            session.limit = random.choice(("5/s", "50/s"))
        elif number == 2 and random.random() < 0.5:
            session.limit = "server"
        if random.random() < 0.5:
            after, budget = random.choice((0.02, 0.1, 0.5)), random.choice((None, 10))
            session.hedge = HedgePolicy(after=after, budget=budget)
        return session

    # Chance.

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self.random.random() < share

    def fault(self, kind: str, *, quietly: bool = False) -> None:
        """Count a fault."""
        self.tally.faults[kind] += 1
        if not quietly:
            self.loop.say("fault:", kind)

    def hurt(self, line: Any, kind: str) -> None:
        """Count a fault that a line suffers."""
        self.fault(kind)
        line.hurt.add(kind)

    # What happens.

    def run(self) -> bool:
        """Let all of it happen; return False if it was stopped before its end."""
        loop, tally = self.loop, self.tally
        users = [loop.spawn(self._user(), Held()) for _ in range(self._users)]
        self._alive = len(users)
        if self.tidying:
            loop.spawn(self._janitor(), Held())
        if self.restarts:
            for server in self.servers:
                self._plan_restart(server)
        whole = loop.run()
        tally.events += loop.events
        tally.seconds += loop.now
        tally.exchanges += self.exchanges
        tally.calls += self.begun
        tally.lines += self.network.made
        if whole:
            self._check_end(users)
        return whole

    def _plan_restart(self, server: Server) -> None:
        when = self.loop.now + self.random.expovariate(self.restarts)
        self.loop.at(when, self._restart, server)

    def _restart(self, server: Server) -> None:
        if self._alive:
            server.restart(self.random.random() * 2.0)
            self._plan_restart(server)

    async def _janitor(self) -> None:
        """Let go of old connections now and then, and seldom of all that are idle."""
        loop, transfers = self.loop, Transfers(self.network, set())
        while self._alive:
            await loop.sleep(loop.now + self.random.random() * self.tidying)
            closes = self.chance(0.1)
            effects = self.pool.close() if closes else self.pool.expire(loop.now)
            await carry_out_async(effects, transfers)

    async def _user(self) -> None:
        random, loop = self.random, self.loop
        while self.exchanges < self.exchanges_max:
            await self._run_errand(self._new_errand())
            if self.thinking:
                await loop.sleep(loop.now + random.random() * self.thinking)
        self._alive -= 1

    def _new_errand(self) -> Errand:
        random = self.random
        number = self.begun = self.begun + 1
        chance = random.random()
        upload = "" if chance > 0.25 else random.choice(_UPLOADS)
        size = random.choice((0, 10, 1000, 12_000, 60_000)) if upload else 0
        places = self.places if random.random() < self.tls else self._plain
        hops = draw_hops(random, places, upload, pattern(number, size))
        if not upload and hops[0].method in ("PUT", "POST"):
            raise AssertionError
        session = random.randrange(SESSIONS)
        errand = Errand(number, session, hops, upload)
        errand.streams = random.random() < 0.08
        if random.random() < self.cancels:
            errand.cancel_after = random.random() ** 2 * 2.0
        if random.random() < 0.3:
            errand.total = random.choice((2.0, 10.0, 30.0))
        if random.random() < 0.15:
            errand.proxy = random.randrange(PROXIES)
            errand.way = random.choice(WAYS)
        elif random.random() < 0.1:
            errand.way = "unix"
        errand.expects = bool(size) and random.random() < self.expects
        rule = self.sessions[session].retries
        errand.tries = rule.retries_max if isinstance(rule, RetryPolicy) else 0
        self.errands[number] = errand
        self.errands.pop(number - MEMORY, None)
        return errand

    def _call(self, errand: Errand) -> Call:
        session, first = self.sessions[errand.session], errand.hops[0]
        secret = f"zza{first.place.number}n{errand.session}zz"
        headers = {"X-Api-Key": secret.replace("a", "k")} if errand.number % 3 == 0 else {}
        if errand.expects:
            headers["Expect"] = "100-continue"
        request = Request(
            first.method,
            errand.url(0),
            data=errand.body(),
            auth=BearerAuth(secret),
            headers=headers,
        )
        timeouts = Timeouts(
            connect=2.0, read=2.5, write=2.0, pool=4.0, total=errand.total, expect=EXPECT
        )
        proxies = None
        if errand.proxy is not None:
            proxy = proxy_url(errand.way, errand.proxy, errand.session)
            proxies = {"http": proxy, "https": proxy}
        settings = session.settings_for(timeout=timeouts, proxies=proxies, stream=errand.streams)
        return session.call(request, settings=settings)

    async def _run_errand(self, errand: Errand) -> None:
        loop = self.loop
        task = loop.current
        assert task is not None
        began, end = loop.now, loop.now + (errand.cancel_after or 0.0)
        if errand.cancel_after is not None:
            loop.at(end, _cancel, task, errand)
        transfers = self._transfers(self.network, errand.hurt)
        messages = Messages(self, errand, transfers, task.user)
        loop.say("errand", errand.number, "begins:", errand.url(0), errand.upload)
        response, error = None, None
        try:
            response = await messages.fetch(self._call(errand))
        except Cancelled:
            self.fault("cancelled", quietly=True)
            errand.ending = "cancelled"
        except (RequestException, UserError) as raised:
            error = raised
        finally:
            if self.chance(self.drops):
                messages.drop()
            else:
                await messages.give_up()
        for line in transfers.lines:
            errand.hurt |= line.hurt
        errand.ending = errand.ending or self._judge(errand, response, error, transfers)
        self.tally.endings[errand.ending] += 1
        text = f"{errand.number} {errand.ending} {loop.now}"
        self.tally.digest = crc32(text.encode(), self.tally.digest)
        loop.say("errand", errand.number, "ends:", errand.ending, error or "")
        if errand.total is not None and loop.now > began + errand.total + 0.1:
            raise Found(f"errand {errand.number} took {loop.now - began:g} s of {errand.total:g}")

    # What must hold.

    def _judge(
        self,
        errand: Errand,
        response: Response | None,
        error: Exception | None,
        transfers: Transfers,
    ) -> str:
        """Hold what has come of an errand against what had to; return the ending."""
        if error is not None:
            return self._judge_error(errand, error, transfers)
        assert response is not None
        status, last = response.status_code, errand.hops[-1]
        if status in (413, 503, 502) and errand.hurt:
            if not errand.streams and response.content not in (b"early", b"busy", b""):
                raise Found(f"errand {errand.number}: {response.content!r} of a {status}")
            return f"status {status}"
        wanted = b"" if last.method == "HEAD" else pattern(errand.number, last.size)
        said = f"errand {errand.number}"
        if status != last.status or response.headers.get("X-Hop") != str(len(errand.hops) - 1):
            raise Found(f"{said}: {status}, hop {response.headers.get('X-Hop')}")
        if not errand.streams and response.content != wanted:
            raise Found(f"{said}: {len(response.content)} bytes, not {len(wanted)}, or others")
        if len(response.history) != len(errand.hops) - 1:
            raise Found(f"{said}: {len(response.history)} hops")
        if any(not hop.done for hop in errand.hops):
            raise Found(f"{said} was answered before it was asked")
        twice = 2 if self.sessions[errand.session].hedge is not None else 1
        for hop in errand.hops:
            most = (2 + errand.tries + abs(hop.busy)) * twice
            if hop.method == "POST" and not hop.busy:
                most = 1
            if hop.done > most:
                raise Found(f"{said}: a {hop.method} was sent {hop.done} times")
        return f"status {status}"

    def note_pace(self, errand: Errand, command: c.Send, *, was_held: bool) -> None:
        """Hold a request against the limits on the rate of its session: its own, and a server's."""
        limit = self.sessions[errand.session].limit
        if limit is None:
            return
        origin, now = command.request.parsed_url.origin, self.loop.now
        # One that waits for its turn has it, whatever the server says meanwhile.
        if not was_held and now < self._limits.get((errand.session, origin), 0.0) - 1 / TICKS:
            raise Found(f"{origin} is asked by session {errand.session}, which it holds back")
        if limit.requests is None:
            return
        sent = self._paces.setdefault(origin, deque(maxlen=limit.requests))
        if len(sent) == limit.requests and now < sent[0] + limit.seconds - 1 / TICKS:
            raise Found(f"{limit.requests + 1} requests to {origin} in {now - sent[0]} s")
        sent.append(now)

    def note_limit(self, errand: Errand, command: c.Send, head: ResponseHead) -> None:
        """Note what a server says of its own limit."""
        if self.sessions[errand.session].limit is None:
            return
        fields = head.fields.by_name()
        seconds = None
        if head.status == 503 and "retry-after" in fields:
            seconds = float(fields["retry-after"])
        elif "ratelimit-remaining" in fields:
            none_left = fields["ratelimit-remaining"] == "0"
            seconds = float(fields["ratelimit-reset"]) if none_left else 0.0
        if seconds is not None:
            key = errand.session, command.request.parsed_url.origin
            self._limits[key] = self.loop.now + min(seconds, HELD_MAX)
            if seconds:
                self.fault("held back", quietly=True)

    def note_hedge(self, session: int, hedge: Hedge, told: tuple[Decision, ...]) -> None:
        """Hold the second exchanges of a session against its budget."""
        policy = self.sessions[session].hedge
        assert policy is not None
        kind = "once" if hedge.begun < 2 else "twice"
        self._hedges[session, kind] += 1
        if kind == "twice":
            self.fault("hedge: sent", quietly=True)
            if [each.code for each in told] != ["hedge.sent"]:
                raise Found("a request was sent a second time, and nobody tells")
        if policy.budget is not None:
            most = policy.budget + self._hedges[session, "once"] / 10
            if self._hedges[session, "twice"] > most:
                raise Found(f"session {session} has sent more than {most:g} a second time")

    def release(self, held: Held) -> None:
        """Look at what a task has held that runs no more."""
        if held.holds and (held.exchange is None or not held.exchange.holds):
            held.holds = False
            self._claims -= 1

    def _judge_error(self, errand: Errand, error: Exception, transfers: Transfers) -> str:
        name = type(error).__name__
        if isinstance(error, UserError):
            if errand.upload != "raises":
                raise Found(f"errand {errand.number}: an error of nobody's") from error
            return name
        assert isinstance(error, RequestException)
        paced = isinstance(error, DeadlineExceeded) and (
            self.sessions[errand.session].limit is not None
        )
        if not errand.hurt and not paced:
            raise Found(f"errand {errand.number} fails without a cause: {error!r}") from error
        once = any(hop.method == "POST" for hop in errand.hops)
        if not paced and not once and errand.upload in _REWINDABLE and not errand.hurt - STALE:
            raise Found(f"errand {errand.number} was not sent again: {error!r}") from error
        if not error.maybe_sent:
            assert error.request is not None
            hop = errand.hops[int(str(error.request.url).rpartition("/")[2])]
            if hop.begun:
                raise Found(f"errand {errand.number} was seen, and the error denies it") from error
        return name

    def _check(self, task: Task) -> None:
        """Compare the books, after a step of a task."""
        held: Held = task.user
        exchange = held.exchange
        holds = exchange is not None and exchange.holds
        if holds is not held.holds:
            held.holds = holds
            self._claims += 1 if holds else -1
        pool, network = self.pool, self.network
        leased, idle, waiting = pool.counts
        claims = self._claims + len(pool._orphans)
        if leased + waiting != claims:
            raise Found(f"{leased} slots and {waiting} in the queue, for {claims} exchanges")
        if len(pool._connections) != len(network.open):
            raise Found(f"{len(pool._connections)} connections, and {len(network.open)} lines")
        limits = pool.limits
        if leased + idle > limits.connections_max or idle > max(limits.idle_max, 0):
            raise Found(f"{leased} slots and {idle} idle connections are too many")
        if waiting:
            self._check_queue(leased + idle, idle)

    def _check_queue(self, taken: int, idle: int) -> None:
        limits = self.pool.limits
        for key, shelf in self.pool._shelves.items():
            if not shelf.waiting:
                continue
            if shelf.open < limits.connections_per_key_max and (
                taken < limits.connections_max or idle
            ):
                raise Found(f"there is room, and {len(shelf.waiting)} wait for {key.origin}")
            if any(ticket.ready for ticket in shelf.waiting):
                raise Found("a ticket is in the queue that was granted")

    def _check_end(self, users: list[Task]) -> None:
        """Look at what is left, once nothing happens any more."""
        stuck = [each for each in users if not each.done]
        if stuck:
            raise Found(f"{len(stuck)} of {len(users)} users wait for ever")
        if self._claims:
            raise Found(f"{self._claims} exchanges still hold something")

        async def close() -> None:
            await carry_out_async(self.pool.close(), Transfers(self.network, set()))

        self.loop.spawn(close(), Held())
        self.loop.run()
        if self.network.open:
            raise Found(f"{len(self.network.open)} lines are open at the end")
        if self.pool.counts != (0, 0, 0) or self.pool._shelves or self.pool._waiting:
            raise Found(f"the pool still has {self.pool.counts}")


_REWINDABLE: Final = ("", "bytes", "list")
_UPLOADS: Final = ("bytes", "bytes", "list", "once", "async", "raises")


def proxy_url(way: str, number: int, session: int) -> str:
    """Return the URL of a proxy, as a session has it."""
    who, password = f"p{number}", f"zzx{number}n{session}zz"
    match way:
        case "http":
            return f"http://{who}:{password}@proxy{number}.test:3128"
        case "https":
            return f"https://{who}:{password}@{('localhost', '127.0.0.1')[number]}:4430"
        case "socks4a":  # It knows users, and no passwords.
            return f"socks4a://{password}@proxy{number}.test:1080"
        case _:
            return f"{way}://{who}:{password}@proxy{number}.test:1080"


def _cancel(task: Task, errand: Errand) -> None:
    if not errand.ending:
        task.cancel()
