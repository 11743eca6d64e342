"""One session before one server, for any binding."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sojourn_core import Timeouts
from tests.bindings.clients import Binding, idle_streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority


SECONDS: Final = 30.0  # The machine may do much else.
PATIENCE: Final = Timeouts(connect=SECONDS, read=SECONDS, write=SECONDS, expect=SECONDS)


class Visit:
    """A session, and the server that it asks.

    Attributes:
        binding: The binding that the session belongs to.
        session: It trusts the authority of the tests, and nothing of the environment.
        closes: Whether the server is known to close the connection after what is tried.
    """

    def __init__(
        self,
        binding: Binding,
        base: str,
        authority: Authority,
        *,
        closes: bool = False,
        **options: Any,
    ) -> None:
        """Begin.

        Args:
            binding: The binding to use.
            base: Scheme and authority of all URLs.
            authority: Who vouches for the server.
            closes: Whether the server closes the connection after what is tried.
            options: Of the session.
        """
        self.binding = binding
        self.session = binding.session(**options)
        self.closes = closes
        self.session.trust_env = False
        self.session.verify = str(authority.path)
        self._base = base

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send a request, and give the response; its content is read unless it is streamed."""
        url = self._base + path
        return self.binding.run(self.session.request(method, url, timeout=PATIENCE, **options))

    def get(self, path: str, **options: Any) -> Any:
        """Send a GET."""
        return self.ask("GET", path, **options)

    def close(self, response: Any) -> None:
        """Close a response that is not read."""
        self.binding.run(response.close())

    @property
    def kept(self) -> Any:
        """The one connection that is idle, or None."""
        streams = idle_streams(self.session)
        assert len(streams) <= 1, f"{len(streams)} connections are idle"
        return streams[0] if streams else None


class Detour(Visit):
    """A session that goes through a proxy.

    Attributes:
        plain: Base of the URLs of the http origin.
        secure: Base of those of the https origin.
        closed: URL of a port where nobody listens.
        bars: The status of a response to a wrong password.
        forwards: Whether requests for http are forwarded, and not sent through a tunnel.
    """

    def __init__(
        self,
        binding: Binding,
        proxy: str,
        authority: Authority,
        *,
        plain: int,
        secure: int,
        closed: int,
        bars: int = 407,
    ) -> None:
        """Begin.

        Args:
            binding: The binding to use.
            proxy: URL of the proxy, with what it is to know of us.
            authority: Who vouches for the servers.
            plain: Port of the http origin.
            secure: Port of the https origin.
            closed: Port where nobody listens.
            bars: The status of a response to a wrong password.
        """
        super().__init__(binding, "", authority)
        # A name where the proxy is to look it up.
        host = "localhost" if proxy.startswith("socks5h:") else "127.0.0.1"
        self.plain = f"http://{host}:{plain}"
        self.secure = f"https://{host}:{secure}"
        self.closed = f"http://{host}:{closed}/text"
        self.bars = bars
        self.forwards = proxy.startswith("http")
        self.session.proxies = {"http": proxy, "https": proxy}


@contextmanager
def using(name: str) -> Iterator[Binding]:
    """Open a binding, by its name, and close it and its sessions."""
    binding = Binding(name)
    try:
        yield binding
    finally:
        binding.close()
