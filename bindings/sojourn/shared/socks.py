"""SOCKS 4, 4a and 5 (RFC 1928), as machines that open one tunnel.

What is sent, and what the replies mean, is socksio's, which is installed with the extra ``socks``.
It wants each reply whole, so a reply is kept here until it is: 262 bytes are the most that one can
have. A refusal is told as soon as its code is there, with the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from socksio import (
    SOCKS4ARequest,
    SOCKS4Command,
    SOCKS4Connection,
    SOCKS4Request,
    SOCKS5AuthMethod,
    SOCKS5AuthMethodsRequest,
    SOCKS5AuthReply,
    SOCKS5Command,
    SOCKS5CommandRequest,
    SOCKS5Connection,
    SOCKS5UsernamePasswordRequest,
    SOCKSError,
)

from sojourn_core.exchange.dial import literal_address
from sojourn_core.values.errors import InvalidProxyURL, ProxyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.exchange.handshake import ProxyHandshake
    from sojourn_core.values.route import Proxy

CREDENTIAL_SIZE_MAX: Final = 255  # RFC 1929 section 2.

# RFC 1928 section 6.
_REFUSALS_5: Final = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    7: "command not supported",
    8: "address type not supported",
}
_GRANTED_4: Final = 90
_REFUSALS_4: Final = {
    91: "rejected or failed",
    92: "no identd at the client can be reached",
    93: "identd at the client names another user",
}
_PASSING: Final = frozenset({1, 3, 4, 5, 6, 91})  # The origin may be there the next time.
_NO_SUCH_TYPE: Final = 8  # Of addresses: the origin may have one of another type.
_NAME: Final = 3  # Types of addresses, RFC 1928 section 5.
_ADDRESS_SIZES: Final = {1: 4, 4: 16}


def socks_handshake(proxy: Proxy, host: str, port: int) -> ProxyHandshake:
    """Make the handshake with a proxy.

    Args:
        proxy: By SOCKS.
        host: The name or the address of the origin.
        port: Of the origin.

    Raises:
        InvalidProxyURL: The credentials in its URL cannot be sent.
        ProxyError: The version of SOCKS has no such addresses.
    """
    four = proxy.url.scheme.startswith("socks4")
    return _Socks4(proxy, host, port) if four else _Socks5(proxy, host, port)


class _Handshake:
    """The common part: replies are put together, and what goes wrong is told.

    Args:
        proxy: Whom the handshake is with.
        host: The origin's.
        port: The origin's.

    Attributes:
        surplus: As in ``ProxyHandshake``.
    """

    __slots__ = ("_host", "_place", "_port", "_proxy", "_received", "surplus")

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        self._proxy = str(proxy.url.origin)
        self._host, self._port = host, port
        self._place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._received = b""
        self.surplus = b""

    def receive(self, data: bytes) -> bytes | None:
        if not data:
            raise ProxyError(
                f"the proxy {self._proxy} closed the connection before there was a tunnel"
            )
        self._received += data
        try:
            return self._go_on()
        except SOCKSError as error:
            raise self._no_socks() from error

    def _go_on(self) -> bytes | None:
        """Take in a reply, if it is whole."""
        raise NotImplementedError

    def _has_come(self, version: int, size: int) -> bool:
        """Return whether so much of a reply is there.

        Raises:
            ProxyError: It is of another protocol.
        """
        if self._received[0] != version:
            raise self._no_socks()
        return len(self._received) >= size

    def _take(self, size: int) -> bytes:
        taken, self._received = self._received[:size], self._received[size:]
        return taken

    def _no_socks(self) -> ProxyError:
        scheme = self._proxy.partition(":")[0].upper()
        return _refused(f"the proxy {self._proxy} does not answer as {scheme} has it")

    def _refusal(self, code: int, meaning: str | None) -> ProxyError:
        said = f"{code} ({meaning})" if meaning else str(code)
        error = _refused(f"the proxy {self._proxy} refuses a connection to {self._place}: {said}")
        error.refused = code not in _PASSING
        error.unreached = code in _PASSING or code == _NO_SUCH_TYPE
        return error


class _Socks4(_Handshake):
    """SOCKS 4, and 4a for names. There is a user, and no password."""

    __slots__ = ("_connection", "_request")

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        super().__init__(proxy, host, port)
        user, _ = credentials_of(proxy) or (b"", b"")
        if ":" in host:
            raise _refused(
                f"the proxy {self._proxy} cannot be told an IPv6 address, {host}: SOCKS 5 can"
            )
        literal = literal_address(host, port) is not None
        kind = SOCKS4Request if literal else SOCKS4ARequest
        self._request = kind.from_address(SOCKS4Command.CONNECT, (host, port), user_id=user)
        self._connection = SOCKS4Connection(user_id=user)

    def start(self) -> bytes:
        self._connection.send(self._request)
        return self._connection.data_to_send()

    def _go_on(self) -> bytes | None:
        if not self._has_come(0, 2):
            return b""
        code = self._received[1]
        if code != _GRANTED_4:
            raise self._refusal(code, _REFUSALS_4.get(code))
        if not self._has_come(0, 8):
            return b""
        self._connection.receive_data(self._take(8))
        self.surplus = self._received
        return None


class _Socks5(_Handshake):
    """SOCKS 5, with user and password if the proxy asks for them (RFC 1929)."""

    __slots__ = ("_connection", "_credentials", "_step")

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        super().__init__(proxy, host, port)
        self._credentials = credentials_of(proxy)
        self._connection: Any = SOCKS5Connection()  # Its dispatch has no types.
        # No method of this object, which it would be in a circle with.
        self._step: Callable[[_Socks5], bytes | None] = _Socks5._chosen

    def start(self) -> bytes:
        return self._send(SOCKS5AuthMethodsRequest(self._offered()))

    def _send(
        self,
        request: SOCKS5AuthMethodsRequest | SOCKS5UsernamePasswordRequest | SOCKS5CommandRequest,
    ) -> bytes:
        self._connection.send(request)
        sent: bytes = self._connection.data_to_send()
        return sent

    def _offered(self) -> list[SOCKS5AuthMethod]:
        methods = [SOCKS5AuthMethod.NO_AUTH_REQUIRED]
        if self._credentials is not None:
            methods.append(SOCKS5AuthMethod.USERNAME_PASSWORD)
        return methods

    def _go_on(self) -> bytes | None:
        return self._step(self)

    def _chosen(self) -> bytes:
        """Go on with the way to authenticate that the proxy has chosen."""
        if not self._has_come(5, 2):
            return b""
        reply = self._connection.receive_data(self._take(2))
        assert isinstance(reply, SOCKS5AuthReply)
        if reply.method is SOCKS5AuthMethod.NO_ACCEPTABLE_METHODS:
            lacks = "a user and a password" if self._credentials is None else "something else"
            raise _refused(f"the proxy {self._proxy} asks for {lacks}, which its URL has not")
        if reply.method not in self._offered():
            raise self._no_socks()
        if reply.method is SOCKS5AuthMethod.NO_AUTH_REQUIRED:
            return self._command()
        assert self._credentials is not None
        self._step = _Socks5._admitted
        return self._send(SOCKS5UsernamePasswordRequest(*self._credentials))

    def _admitted(self) -> bytes:
        """Go on if the proxy takes the user and the password."""
        if not self._has_come(1, 2):
            return b""
        code = self._received[1]
        if code:
            raise _refused(
                f"the proxy {self._proxy} refuses the user and the password of its URL: {code}"
            )
        self._connection.receive_data(self._take(2))
        return self._command()

    def _command(self) -> bytes:
        self._step = _Socks5._opened
        place = (self._host, self._port)
        return self._send(SOCKS5CommandRequest.from_address(SOCKS5Command.CONNECT, place))

    def _opened(self) -> bytes | None:
        """Be done, if the proxy has connected to the origin."""
        if not self._has_come(5, 2):
            return b""
        code = self._received[1]
        if code:
            raise self._refusal(code, _REFUSALS_5.get(code))
        if not self._has_come(5, 5):
            return b""
        kind, first = self._received[3], self._received[4]
        size = 1 + first if kind == _NAME else _ADDRESS_SIZES.get(kind)
        if size is None:
            raise self._no_socks()
        if not self._has_come(5, 4 + size + 2):
            return b""
        reply = self._take(4 + size + 2)
        if kind == _NAME:  # Socksio takes the length of a name for a part of it, in UTF-8.
            reply = reply[:3] + b"\x01" + bytes(4) + reply[-2:]
        self._connection.receive_data(reply)
        self.surplus = self._received
        return None


def _refused(said: str) -> ProxyError:
    """Return an error that would come again."""
    error = ProxyError(said)
    error.refused = True
    return error


def credentials_of(proxy: Proxy) -> tuple[bytes, bytes] | None:
    """Return the user and the password of a proxy; None if its URL has none.

    Raises:
        InvalidProxyURL: They are too long, or SOCKS 4 has no way to write them.
    """
    userinfo = proxy.url.userinfo
    if userinfo is None or userinfo == ("", ""):
        return None
    user, password = (each.encode("utf-8", "surrogatepass") for each in userinfo)
    if max(len(user), len(password)) > CREDENTIAL_SIZE_MAX:
        raise InvalidProxyURL(
            f"the user and the password of a SOCKS proxy have at most {CREDENTIAL_SIZE_MAX} bytes",
            maybe_sent=False,
        )
    if b"\0" in user and proxy.url.scheme.startswith("socks4"):
        raise InvalidProxyURL(
            "the user of a SOCKS4 proxy cannot hold a zero byte", maybe_sent=False
        )
    return user, password
