"""Starting what the tables list, and trying a case with it."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .running import running
from .visits import Detour, Visit, using

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority

    from . import cases, proxy_cases
    from .table import Proxy, Server


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs.

    Attributes:
        server: The server.
        base: Scheme and authority of its URLs.
        authority: Who vouches for it.
    """

    server: Server
    base: str
    authority: Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """A proxy that runs, once for everybody and once with a password.

    Attributes:
        proxy: The proxy.
        port: Port of the one for everybody.
        guarded_port: Port of the one with a password.
        plain: Port of an http origin.
        secure: Port of an https origin.
        closed: A port where nobody listens.
        authority: Who vouches for them.
    """

    proxy: Proxy
    port: int
    guarded_port: int
    plain: int
    secure: int
    closed: int
    authority: Authority


@contextmanager
def serving(server: Server, scheme: str, authority: Authority, origin: int) -> Iterator[Served]:
    """Run a server for one scheme, before an origin if it needs one."""
    secure = scheme == "https"
    with running(
        server.configure, authority=authority, secure=secure, origin=origin, stop=server.stop
    ) as port:
        yield Served(server, f"{scheme}://127.0.0.1:{port}", authority)


def try_server(served: Served, case: cases.Case, binding_name: str) -> None:
    """Try a case with a session of its own; an error means that it does not hold."""
    assert case.name not in served.server.cannot
    closes = case.name in served.server.closes
    with using(binding_name) as binding:
        case.run(Visit(binding, served.base, served.authority, closes=closes))


@contextmanager
def proxying(proxy: Proxy, authority: Authority, plain: int, secure: int) -> Iterator[Proxied]:
    """Run a proxy, twice; the origins run already."""
    with ExitStack() as stack:
        ports: list[int] = []
        for guarded in (False, True):
            behind = 0
            if proxy.behind is not None:
                behind = stack.enter_context(
                    running(proxy.behind, authority=authority, guarded=guarded)
                )
            port = stack.enter_context(
                running(
                    proxy.configure,
                    authority=authority,
                    secure=proxy.certified,
                    origin=behind,
                    guarded=guarded,
                    stop=proxy.stop,
                )
            )
            ports.append(port)
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))  # Nobody else gets the port, and nobody listens there.
        yield Proxied(
            proxy=proxy,
            port=ports[0],
            guarded_port=ports[1],
            plain=plain,
            secure=secure,
            closed=closed.getsockname()[1],
            authority=authority,
        )


def try_proxy(proxied: Proxied, case: proxy_cases.Case, binding_name: str) -> None:
    """Try a case with a session of its own; an error means that it does not hold."""
    port = proxied.port if case.userinfo is None else proxied.guarded_port
    url = f"{proxied.proxy.scheme}://{case.userinfo or ''}127.0.0.1:{port}"
    with using(binding_name) as binding:
        case.run(
            Detour(
                binding,
                url,
                proxied.authority,
                plain=proxied.plain,
                secure=proxied.secure,
                closed=proxied.closed,
                bars=proxied.proxy.bars,
            )
        )
