"""Endpoints: the scheme and the authority of a URL, and all that follows from these two."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sojourn_core.values.named_tuple import NamedTuple

from .authority import parse_authority, split_userinfo

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
SOCKS_PORT: Final = 1080  # As IANA has it (RFC 1928 section 3).
CACHED_ENDPOINTS_MAX: Final = 1024


class Origin(NamedTuple):
    """Scheme, host and port (RFC 6454): credentials and connections belong to one.

    Attributes:
        scheme: ``http`` or ``https``; that of a proxy may be one of SOCKS.
        host: As in ``URL``; the zone of an IPv6 address, which tells apart two hosts of one
            address, follows after ``%``.
        port: The effective port.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = self.host
        if ":" in host:
            host = f"[{host.replace('%', '%25')}]"
        if self.port == DEFAULT_PORTS.get(self.scheme, 0):  # Others, http+unix say, have none.
            return f"{self.scheme}://{host}"
        return f"{self.scheme}://{host}:{self.port}"


class Endpoint(NamedTuple):
    """The common part of all URLs with one scheme and authority.

    Attributes:
        prefix: Scheme and authority, userinfo included, as they stand in the text.

    The others are those of ``URL``.
    """

    prefix: str
    scheme: str
    host: str
    zone: str | None
    port: int
    explicit_port: int | None
    userinfo: tuple[str, str] | None
    host_field: str
    authority: str
    origin: Origin

    def spoken_to_by(self, scheme: str) -> Endpoint:
        """Return the endpoint of a SOCKS proxy that is at this authority, read as one of http."""
        port = SOCKS_PORT if self.explicit_port is None else self.explicit_port
        authority = f"{self.authority.rpartition(':')[0]}:{port}"
        return self._replace(
            prefix=scheme + self.prefix.removeprefix(self.scheme),
            scheme=scheme,
            port=port,
            host_field=authority,
            authority=authority,
            origin=Origin(scheme, self.origin.host, port),
        )

    def without_userinfo(self) -> Endpoint:
        """Return this endpoint without user and password."""
        if self.userinfo is None:
            return self
        bare = self.prefix.rpartition("@")[2]
        return self._replace(prefix=f"{self.scheme}://{bare}", userinfo=None)


def read_endpoint(scheme: str, text: str) -> Endpoint:
    """Read the endpoint that an authority names.

    Raises:
        ValueError: It names none; the message is the reason.
    """
    userinfo, host, spelling, zone, explicit_port = parse_authority(text)
    default_port = DEFAULT_PORTS[scheme]
    port = default_port if explicit_port is None else explicit_port
    prefix = f"{scheme}://" if userinfo is None else f"{scheme}://{userinfo}@"
    prefix += spelling if zone is None else f"{spelling[:-1]}%25{zone}]"
    return Endpoint(
        prefix if explicit_port is None else f"{prefix}:{port}",
        scheme,
        host,
        zone,
        port,
        explicit_port,
        None if userinfo is None else split_userinfo(userinfo),
        spelling if port == default_port else f"{spelling}:{port}",
        f"{spelling}:{port}",
        Origin(scheme, host if zone is None else f"{host}%{zone}", port),
    )


@lru_cache(maxsize=CACHED_ENDPOINTS_MAX)
def plain_endpoint(scheme: str, host: str, port: str | None) -> Endpoint:
    """Build the endpoint of a host that is canonical already; ``port`` is None or digits."""
    default_port = DEFAULT_PORTS[scheme]
    number = default_port if port is None else int(port)
    return Endpoint(
        f"{scheme}://{host}" if port is None else f"{scheme}://{host}:{port}",
        scheme,
        host,
        None,
        number,
        None if port is None else number,
        None,
        host if number == default_port else f"{host}:{number}",
        f"{host}:{number}",
        Origin(scheme, host, number),
    )
