"""The cases, as data: what is asked, what the peers do, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sojourn_core.exchange.ledger import PoolLimits
from sojourn_core.values.timeouts import Timeouts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .steps import Script

# Long enough for a busy machine, and an end for what hangs.
ANY_NUMBER: Final = PoolLimits()
PATIENT: Final = Timeouts(connect=20.0, read=20.0, write=20.0, pool=20.0)
SHORT: Final = 0.04  # Seconds: for deadlines that pass, because the peer never does anything.
# The commands of a new connection, and of one that is used again.
NEW: Final = "Resolve( Connect)+ "
AGAIN: Final = "Probe "
STALE: Final = "Probe Close Resolve( Connect)+ "
ANSWER: Final = "Read( Read)*( Inform( Read)*)* Head( Read| Content)* Finish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A response must come.

    Attributes:
        status: Its status.
        content: Its content.
        reusable: Whether the connection goes back to the pool.
        reused: Whether it had served a request before.
        informed: The statuses of informational responses before it.
        trailers: Fields after its content.
        way: A regular expression for the names of all commands, joined by spaces.
    """

    status: int = 200
    content: bytes = b"ok"
    reusable: bool = True
    reused: bool = False
    informed: tuple[int, ...] = ()
    trailers: Mapping[str, str] = field(default_factory=dict[str, str])
    way: str = ".*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The exchange must fail.

    Attributes:
        error: The class of the error, exactly.
        says: What its message holds.
        maybe_sent: Whether the request may have reached the peer; None is not looked at.
        status: Of a response whose head came before; None if none was handed up.
        content: The content that was handed up before.
        way: As in ``Got``.
    """

    error: type[BaseException]
    says: str = ""
    maybe_sent: bool | None = None
    status: int | None = None
    content: bytes = b""
    way: str = ".*"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The job is cancelled, interrupted, or given up by its caller."""

    way: str = ".*"


@dataclass(frozen=True, slots=True)
class Switched:
    """The stream is handed up, with what was read beyond the head.

    Attributes:
        leftover: What was read by then.
    """

    leftover: bytes = b""
    way: str = ".*"


Expected: TypeAlias = Got | Raised | GivenUp | Switched


@dataclass(frozen=True, slots=True)
class Stop:
    """A point at which the caller does something else than to ask for more.

    Attributes:
        at: The name of what is handed up: ``Head``, ``Content`` or ``Inform``.
        nth: Which one of these, from 1.
        then: ``hold``, until another phase goes on; or ``drain``.
        limit: Of bytes to be drained.
        seconds: For draining.
    """

    at: str
    nth: int = 1
    then: str = "hold"
    limit: int = 1 << 20
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Cancel:
    """A point at which the job is cancelled.

    Attributes:
        at: The name of the command at which it is.
        nth: Which one of these, from 1.
        by: The job that cancels this one when its own head is handed up, while this one waits; None
            for a cancellation as soon as the command is there.
        interrupts: It is an exception out of the reply to the command, as signal handlers raise it.
    """

    at: str
    nth: int = 1
    by: str | None = None
    interrupts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One exchange, and what its caller does.

    Attributes:
        expect: What must come of it.
        name: Of the job, in this case.
        at: The endpoint that it goes to. Its host is ``NAME.test``.
        method: Its method.
        target: Its path.
        fields: Further fields.
        content: Its content: None, bytes, or a function that makes it, and may be given ``flags``.
        timeouts: Seconds for each phase.
        secure: Whether it goes by TLS.
        trusts: Whether the client trusts the certificate of the peers.
        host: Another host than that of the endpoint.
        proxy: The endpoint of a proxy to go through; None to go directly.
        proxy_scheme: How the proxy is spoken to: ``http``, ``https``, or one of SOCKS, for which
            the kit has a protocol of its own (``handshake``).
        tunnels: Whether the proxy is asked for a tunnel without TLS too.
        trusts_proxy: Whether the client trusts the certificate of an https proxy, which is
            ``b.test`` then.
        proxy_authorization: The credential for the proxy.
        informs: Whether informational heads are handed up.
        switches: Whether a 101 is.
        files: Whether the driver may send files by itself.
        races: Whether the driver may race the addresses of a host.
        fresh: Whether only a new connection will do.
        needs_close_notify: As in ``Policy``.
        stop: Where the caller does something else than to ask for more.
        cancel: Where it is cancelled.
        marks: Flags that are set as a command comes: the key is its name and number, ``Wait 1``.
        resolves: The host that is resolved instead, to see that fail.
        refuses: Networks that must not be connected to.
    """

    expect: Expected = Got()
    name: str = "job"
    at: str = "a"
    method: str = "GET"
    target: str = "/"
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | Callable[..., Any] | None = None
    timeouts: Timeouts = PATIENT
    secure: bool = False
    trusts: bool = True
    host: str | None = None
    proxy: str | None = None
    proxy_scheme: str = "http"
    tunnels: bool = False
    trusts_proxy: bool = True
    proxy_authorization: str | None = None
    informs: bool = False
    switches: bool = False
    files: bool = False
    races: bool = False
    fresh: bool = False
    needs_close_notify: bool = True
    stop: Stop | None = None
    cancel: Cancel | None = None
    marks: Mapping[str, str] = field(default_factory=dict[str, str])
    resolves: str | None = None
    refuses: tuple[str, ...] = ()


# --- phases -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Jobs are run side by side: new ones, and by their names those that are held.

    Attributes:
        jobs: The jobs.
        sets: A flag that is set once all of them have ended or are held.
    """

    jobs: tuple[Ask | str, ...]
    sets: str = ""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A job that is held is given up by its caller."""

    job: str


@dataclass(frozen=True, slots=True)
class Forget:
    """A job that is held is let go of without a word: only the garbage collector finds it."""

    job: str


@dataclass(frozen=True, slots=True)
class Await:
    """The case itself waits for a flag."""

    flag: str


@dataclass(frozen=True, slots=True)
class Lacks:
    """A flag must not be set yet."""

    flag: str


@dataclass(frozen=True, slots=True)
class ClosePool:
    """The pool is closed, as a session is; it may be used afterwards."""


@dataclass(frozen=True, slots=True)
class ExpirePool:
    """The pool lets go of what was idle for too long."""


Phase: TypeAlias = Run | GiveUp | Forget | Await | Lacks | ClosePool | ExpirePool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """One scripted scenario.

    Attributes:
        name: What it shows.
        peers: By endpoint: a script for each connection, which must all be made.
        phases: What is done, one after the other.
        needs: What the driver must offer.
        limits: Of the pool.
        idle: How many connections are idle in the pool afterwards.
        order: Events that must come in this order: ``job Head`` is a command that came, and
            ``job.woken`` a reply that was given.
        addresses: By endpoint: endpoints whose addresses its name has, one after the other; an
            endpoint without scripts is an address where nobody listens.
        narrow: Endpoints whose connections take in little at a time.
        silent: Endpoints whose addresses swallow what is sent to them.
    """

    name: str
    peers: Mapping[str, tuple[Script, ...]]
    phases: tuple[Phase, ...]
    needs: frozenset[str] = frozenset()
    limits: PoolLimits = ANY_NUMBER
    idle: int = 0
    order: tuple[str, ...] = ()
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    narrow: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """Its name as the id of a test."""
        return self.name.replace(" ", "-").replace(",", "")

    def __repr__(self) -> str:
        return f"Case({self.name!r})"
