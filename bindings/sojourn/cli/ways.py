"""The way of a request: the arguments for it, and the settings that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sojourn.local.tls_contexts import context_for
from sojourn.sync.session import Session
from sojourn_core.exchange.dial import literal_address
from sojourn_core.rules.policy import DEFAULT_POLICY
from sojourn_core.rules.proxies import bypasses
from sojourn_core.rules.retry_policy import TRANSIENT_STATUSES, RetryPolicy
from sojourn_core.values.route import SocketSettings
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS, Timeouts, timeouts_from
from sojourn_core.values.tls_settings import TLSSettings
from sojourn_core.values.url.url import parse_url

from . import codes
from .codes import Ending

if TYPE_CHECKING:
    import argparse

    from sojourn_core.values.environment import Environment
    from sojourn_core.values.url.url import URL

# The longest time that can be asked for: what is longer does not fit the clocks of all systems.
SECONDS_MAX: Final = 1_000_000
PORT_MAX: Final = 65535
RETRY_SECONDS: Final = 1.0  # Both are curl's.
RETRY_SECONDS_MAX: Final = 600.0
NO_PROXIES: Final = {"http": "", "https": ""}


# --- the arguments --------------------------------------------------------------------------------


def add_ways(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how a request gets there."""
    ways = parser.add_argument_group("how it gets there")
    ways.add_argument("--no-follow", action="store_true", help="do not follow redirects")
    ways.add_argument(
        "-L", "--location", action="store_true", help="follow redirects, as it does anyway"
    )
    ways.add_argument(
        "--max-redirects", type=_count, metavar="N", help="how many to follow at most (30)"
    )
    ways.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="how long the server may be silent"
    )
    ways.add_argument(
        "--connect-timeout", type=_seconds, metavar="SECONDS", help="how long connecting may take"
    )
    ways.add_argument(
        "-m", "--max-time", type=_seconds, metavar="SECONDS", help="how long it may take in all"
    )
    ways.add_argument(
        "--retry",
        type=_count,
        metavar="N",
        help="how often to try again after an error of the network or a status of 408, 429, 500, "
        "502, 503 or 504, if the method may be sent twice; after 1 s, and twice as long each "
        "time, or as Retry-After says",
    )
    ways.add_argument(
        "--hedge",
        type=_seconds,
        metavar="SECONDS",
        help="send the request a second time if there is no answer by then, and take the first",
    )
    ways.add_argument(
        "--limit",
        metavar="RATE",
        help="send no more than that to one origin, such as 10/s or 100/min; 'server' for what "
        "it says itself",
    )
    ways.add_argument("-0", "--http1.0", dest="http10", action="store_true", help="speak HTTP/1.0")
    _add_sockets(ways)
    add_proxies(parser.add_argument_group("by a proxy"), sends=True)
    _add_tls(parser.add_argument_group("TLS"))


def _add_sockets(group: Any) -> None:
    group.add_argument(
        "--resolve",
        dest="pins",
        type=_pin,
        action="append",
        default=[],
        metavar="HOST:PORT:ADDRESS",
        help="connect to ADDRESS for HOST and PORT, or to one of several with commas between them",
    )
    group.add_argument(
        "--unix-socket", metavar="PATH", help="connect to a Unix socket, whatever the host is"
    )
    group.add_argument(
        "--interface",
        type=_address,
        metavar="ADDRESS",
        help="connect from this address of the machine",
    )


def add_proxies(group: Any, *, sends: bool) -> None:
    """Add the arguments that say which proxy is asked.

    Args:
        group: Takes them.
        sends: Something is sent, so that it matters how.
    """
    group.add_argument(
        "-x",
        "--proxy",
        metavar="URL",
        help="ask this proxy, whatever the environment says: an http, https, socks4, socks4a, "
        "socks5 or socks5h URL, which may hold USER:PASSWORD; empty for none",
    )
    group.add_argument(
        "--noproxy", metavar="HOSTS", help="ask none for these hosts, with commas between; * is all"
    )
    if not sends:
        return
    group.add_argument(
        "-p", "--proxytunnel", action="store_true", help="ask it for a tunnel for http too"
    )
    group.add_argument(
        "--proxy-insecure", action="store_true", help="do not verify the proxy's certificate"
    )
    group.add_argument(
        "--proxy-cacert", metavar="FILE", help="trust the certificates in FILE for the proxy"
    )


def _add_tls(group: Any) -> None:
    add_trust(group)
    group.add_argument(
        "-E", "--cert", metavar="FILE", help="a client certificate with its chain, as PEM"
    )
    group.add_argument("--key", metavar="FILE", help="its key, if that stands elsewhere")
    group.add_argument("--pass", dest="password", metavar="TEXT", help="the password of the key")
    versions = group.add_mutually_exclusive_group()
    for version in ("1.2", "1.3"):
        versions.add_argument(
            f"--tlsv{version}",
            dest="tls_version",
            action="store_const",
            const=version,
            help=f"speak TLS {version} at least",
        )
    group.add_argument(
        "--ciphers", metavar="LIST", help="ciphers of TLS 1.2, as OpenSSL lists them"
    )
    group.add_argument(
        "--fingerprint",
        dest="fingerprints",
        action="append",
        default=[],
        metavar="SHA256",
        help="the server's certificate must have this fingerprint, or one of several",
    )


def add_trust(group: Any) -> None:
    """Add the arguments that say what is trusted, to a parser or a group of one."""
    group.add_argument("-k", "--insecure", action="store_true", help="do not verify certificates")
    group.add_argument(
        "--cacert", metavar="FILE", help="trust the certificates in FILE, and no others"
    )
    group.add_argument(
        "--ca-native", action="store_true", help="trust what the operating system trusts"
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= SECONDS_MAX:
        raise ValueError(text)
    return seconds


def _address(text: str) -> str:
    if literal_address(text, 0) is None:
        raise ValueError(text)
    return text


def _pin(text: str) -> tuple[str, list[str]]:
    host, port, found = text.split(":", 2)
    addresses = [each.strip("[]") for each in found.split(",")]
    known = all(literal_address(each, 0) for each in addresses)
    if not host or not 0 < int(port) <= PORT_MAX or not known:
        raise ValueError(text)
    return f"{host.lower()}:{int(port)}", addresses


# The words of argparse when they refuse: "invalid count value: '-1'".
_count.__name__ = "count"
_seconds.__name__ = "seconds"
_address.__name__ = "address"
_pin.__name__ = "HOST:PORT:ADDRESS"


# --- the settings ---------------------------------------------------------------------------------


def session_of(options: argparse.Namespace) -> Session:
    """Make a session that goes the way that the options say.

    Raises:
        ValueError: A setting cannot be used.
    """
    policy = DEFAULT_POLICY.replace(tunnel_http=True) if options.proxytunnel else None
    given = _proxies(options)
    chooses = given is not None and options.noproxy is not None
    session = (_Choosing if chooses else Session)(
        policy=policy,
        resolver=dict(options.pins) or None,
        socket=_socket(options),
        limit=options.limit,
        hedge=options.hedge,
    )
    if isinstance(session, _Choosing):
        assert given is not None
        session.given, session.without = given, str(options.noproxy)
    if options.max_redirects is not None:
        session.max_redirects = options.max_redirects
    if options.retry:
        session.retries = RetryPolicy(
            retries_max=options.retry,
            statuses=TRANSIENT_STATUSES,
            backoff=RETRY_SECONDS,
            backoff_max=RETRY_SECONDS_MAX,
            retry_after_max=RETRY_SECONDS_MAX,
            budget=None,
        )
    transports: Any = session.adapters.values()
    for transport in transports:
        if options.proxy_insecure:
            transport.proxy_verify = False
        elif options.proxy_cacert is not None:
            transport.proxy_verify = Path(options.proxy_cacert)
        if options.http10:
            from sojourn_core.exchange.http10_codec import Http10Codec  # Few speak it.

            transport.codecs = {"http/1.1": Http10Codec}
    return session


def _socket(options: argparse.Namespace) -> SocketSettings | None:
    path, address = options.unix_socket, options.interface
    if path is not None and address is not None:
        raise Ending(codes.USAGE, "a Unix socket has no --interface")
    if path is not None:
        return SocketSettings(unix_path=path)
    return None if address is None else SocketSettings(source_address=(address, 0))


def timeouts_of(options: argparse.Namespace) -> Timeouts:
    """Return the timeouts that the arguments say."""
    timeouts = DEFAULT_TIMEOUTS
    if options.timeout is not None:
        timeouts = timeouts_from(options.timeout, DEFAULT_TIMEOUTS)
    if options.connect_timeout is not None:
        timeouts = timeouts.replace(connect=options.connect_timeout)
    if options.max_time is not None:
        timeouts = timeouts.replace(total=options.max_time)
    return timeouts


def proxies_of(options: argparse.Namespace, url: str) -> dict[str, str] | None:
    """Return the proxies that the arguments say; None if they say nothing.

    Raises:
        InvalidURL: The URL is none.
    """
    given = _proxies(options)
    if options.noproxy is None:
        return given
    if given is None:
        return {"no_proxy": options.noproxy}  # Those of the environment are left.
    return NO_PROXIES if bypasses(parse_url(url), options.noproxy) else given


def _proxies(options: argparse.Namespace) -> dict[str, str] | None:
    proxy = options.proxy
    return None if proxy is None else {"http": proxy, "https": proxy}


class _Choosing(Session):
    """A session whose hops ask one proxy, but for some hosts.

    Attributes:
        given: The proxies.
        without: The hosts, as ``no_proxy`` has them.
    """

    given: dict[str, str]
    without: str

    def resolve_proxies(
        self, url: URL, proxies: Any, environment: Environment | None = None
    ) -> dict[str, str]:
        """Return the proxies for one hop."""
        return NO_PROXIES if bypasses(url, self.without) else self.given


def trusted(options: argparse.Namespace) -> Any:
    """Return the ``verify`` that the arguments say; None if they say nothing.

    Raises:
        Ending: They make no sense.
    """
    if options.cacert == "":
        raise Ending(codes.USAGE, "--cacert names no file")
    if options.insecure:
        return False
    if options.cacert:
        return Path(options.cacert)
    return "system" if options.ca_native else None


def secured(options: argparse.Namespace, trust: Any) -> Any:
    """Return what is trusted, with the other settings of TLS if there are any.

    Args:
        options: The arguments.
        trust: What is trusted, by the arguments or by the environment.

    Raises:
        OSError: A file is not there.
        SSLError: A file, or a setting, is of no use.
        ValueError: A fingerprint is none.
    """
    settings: dict[str, Any] = {
        "certificate": options.cert and Path(options.cert),
        "key": options.key and Path(options.key),
        "password": options.password,
        "minimum_version": options.tls_version,
        "ciphers": options.ciphers,
        "fingerprints": tuple(options.fingerprints),
    }
    given = {name: value for name, value in settings.items() if value}
    if not given:
        return trust
    made = TLSSettings(trust=trust, **given)
    context_for(made, None)  # It is made now, so that what is of no use is said before all else.
    return made
