"""The parts of a plan that the next one has too: those of a session's requests to one origin.

What can be the same is the same object then: it is not made anew for each request, not held once
for each that is in flight, and compared at a glance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from sojourn_core.messages.settings import SendSettings
    from sojourn_core.values.fields import FieldLine
    from sojourn_core.values.route import Route
    from sojourn_core.values.url.endpoint import Origin

    from .pool_key import PoolKey


class KnownLines:
    """The field lines of a request that has none but its session's, Host first.

    Args:
        names: The session's fields by their names, as it has checked them: the object, which it
            replaces when they change.
        host: The Host field.
        lines: The lines.
    """

    __slots__ = ("host", "lines", "names")

    def __init__(self, names: Mapping[str, str], host: str, lines: list[FieldLine]) -> None:
        self.names = names
        self.host = host
        self.lines = lines


class KnownKey:
    """The key of a request that goes to its origin directly, with no credentials of a connection.

    Args:
        settings: The settings for the wire: the object, which is the same for most calls.
        tls_context: The context that was made of them, likewise; None without TLS.
        origin: The origin.
        route: The route, which has no proxy.
        key: The key.
    """

    __slots__ = ("key", "origin", "route", "settings", "tls_context")

    def __init__(
        self,
        settings: SendSettings,
        tls_context: ssl.SSLContext | None,
        origin: Origin,
        route: Route,
        key: PoolKey,
    ) -> None:
        self.settings = settings
        self.tls_context = tls_context
        self.origin = origin
        self.route = route
        self.key = key


class Precedent:
    """The last plan of a transport. A transport makes one, and hands it to ``plan_exchange``.

    Each of the two is replaced as a whole: other threads go on with what they have.

    Attributes:
        lines: Its lines.
        key: Its key.
    """

    __slots__ = ("key", "lines")

    def __init__(self) -> None:
        self.lines: KnownLines | None = None
        self.key: KnownKey | None = None
