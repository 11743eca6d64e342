"""TLS over memory: an ``ssl.SSLObject`` between two ``ssl.MemoryBIO``.

The one module of the core that imports ``ssl``, and only when a TLS connection is made. The context
comes in from the binding, which decides what is trusted; names are checked by OpenSSL.
"""

from __future__ import annotations

import ssl
from datetime import date
from typing import Any, Final

from sojourn_core.values.errors import SSLError
from sojourn_core.values.tls_info import TLSInfo

# A read gives the content of one record at most (RFC 8446 section 5.1): more room is never used.
RECORD_READ_SIZE = 16 * 1024

_MONTHS: Final[list[str]] = [
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
]
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class TlsLayer:
    """One TLS connection over a byte stream that somebody else moves.

    Args:
        context: Trust, versions and certificates.
        host: The name or address that the certificate must be for.
        peer: The host as messages name it; None for its name.

    Attributes:
        established: Whether the handshake is done.
        closed: Whether the peer has said that nothing more will come (close_notify), as opposed to
            a stream that merely ended (RFC 8446 section 6.1).
        ended: Whether nothing more will come, with or without close_notify.
    """

    __slots__ = (
        "_incoming",
        "_info",
        "_object",
        "_outgoing",
        "_peer",
        "closed",
        "ended",
        "established",
    )

    def __init__(self, context: ssl.SSLContext, host: str, peer: str | None = None) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._peer = repr(host) if peer is None else peer
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.established = False
        self.closed = False
        self.ended = False
        self._info: TLSInfo | None = None

    def handshake(self, data: bytes | None = None) -> bytes:
        """Go on with the handshake, and return bytes to send, which may be none.

        The client's last message, Finished, is kept for ``encrypt`` and goes out with the request:
        nothing is awaited in between (RFC 8446 section 2), and one write does for both.

        Args:
            data: What came from the peer; None to begin, empty if the stream has ended.

        Raises:
            SSLError: If it fails; a certificate that does not fit is the usual reason.
        """
        if data:
            self._incoming.write(data)
        elif data is not None:
            self._incoming.write_eof()
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read()
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise SSLError(
                f"no TLS connection to {self._peer}: {_reason(error)}", maybe_sent=False
            ) from error
        self.established = True
        return b""

    def feed(self, data: bytes) -> None:
        """Take in what the peer had sent before the handshake began."""
        self._incoming.write(data)

    def encrypt(self, data: bytes | memoryview) -> bytes:
        """Return the records for ``data``, after whatever TLS has to send itself."""
        sent = self._object.write(data) if data else 0
        while sent < len(data):
            sent += self._object.write(memoryview(data)[sent:])
        return self._outgoing.read()

    def decrypt(self, data: bytes) -> bytes:
        """Return the plain bytes that came with ``data``, which may be none.

        A record costs one read, and no read is made that could find nothing: only a record of which
        a part has come is looked at in vain.

        Raises:
            SSLError: If a record is not valid.
        """
        incoming, tls = self._incoming, self._object
        if data:
            incoming.write(data)
        else:  # Nothing is read then: whether close_notify came before is in ``closed``.
            incoming.write_eof()
            self.ended = True
        pieces: list[bytes] = []
        more = incoming.pending > 0
        try:
            while more:
                piece = tls.read(RECORD_READ_SIZE)
                if not piece:
                    self.closed = self.ended = True
                    break
                pieces.append(piece)
                # A shorter piece was all of its record.
                more = incoming.pending > 0 or (
                    len(piece) == RECORD_READ_SIZE and tls.pending() > 0
                )
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            said = f"the TLS connection to {self._peer} broke: {_reason(error)}"
            raise SSLError(said) from error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def pending_output(self) -> bytes:
        """Return what TLS itself wants to send: alerts, key updates, a certificate asked for."""
        return self._outgoing.read() if self._outgoing.pending else b""

    @property
    def alpn(self) -> str:
        """The protocol agreed on (RFC 7301); empty if there is none."""
        return self._object.selected_alpn_protocol() or ""

    @property
    def version(self) -> str | None:
        """The protocol version in use, such as ``TLSv1.3``."""
        return self._object.version()

    @property
    def cipher(self) -> tuple[str, str, int] | None:
        """The cipher in use: its name, its version of TLS, and its secret bits."""
        return self._object.cipher()

    @property
    def info(self) -> TLSInfo:
        """All of this, and the certificate of the peer, as a value."""
        if self._info is None:
            said: dict[str, Any] = self._object.getpeercert() or {}
            self._info = TLSInfo(
                version=self.version or "",
                cipher=(self.cipher or ("",))[0],
                protocol=self.alpn,
                certificate=self._object.getpeercert(True),
                subject=_flat(said.get("subject", ())),
                issuer=_flat(said.get("issuer", ())),
                names=tuple(said.get("subjectAltName", ())),
                not_before=seconds_of(said.get("notBefore")),
                not_after=seconds_of(said.get("notAfter")),
            )
        return self._info

    def certificate(self, *, binary_form: bool = False) -> Any:
        """Return the certificate of the peer: as DER, or what it says as ``ssl`` shows it."""
        return self._object.getpeercert(binary_form)


class TlsInTls(TlsLayer):
    """TLS with an origin within TLS with its proxy.

    Bytes for the wire go through both layers. The end that counts (``closed``) is the origin's: it
    alone can say that its content is whole.

    Args:
        context: As for ``TlsLayer``, as is the host.
        host: The origin's.
        outer: The connection to the proxy.
    """

    __slots__ = ("_outer",)

    def __init__(self, context: ssl.SSLContext, host: str, outer: TlsLayer) -> None:
        super().__init__(context, host)
        self._outer = outer

    def handshake(self, data: bytes | None = None) -> bytes:
        outer = self._outer
        if data:
            data = outer.decrypt(data)
            if not data and not outer.ended:
                return outer.pending_output()
        answer = super().handshake(data)
        return b"" if self.established else outer.encrypt(answer)

    def encrypt(self, data: bytes | memoryview) -> bytes:
        return self._outer.encrypt(super().encrypt(data))

    def decrypt(self, data: bytes) -> bytes:
        outer = self._outer
        if data:
            data = outer.decrypt(data)
            if not data and not outer.ended:
                return b""
        plain = super().decrypt(data)
        self.ended = self.ended or outer.ended
        return plain

    def pending_output(self) -> bytes:
        return self._outer.encrypt(super().pending_output())


def _reason(error: ssl.SSLError | ssl.CertificateError) -> str:
    verify_message = getattr(error, "verify_message", "")
    if verify_message:
        return str(verify_message)
    return str(getattr(error, "reason", None) or error).replace("_", " ").lower()


def _flat(name: Any) -> tuple[tuple[str, str], ...]:
    """Return a distinguished name as pairs: ``ssl`` shows each of its parts as a set of pairs."""
    return tuple(pair for part in name for pair in part)


def seconds_of(said: str | None) -> int | None:
    """Return the seconds since 1970 of a time as ``ssl`` shows it: ``Jan  5 09:34:43 2018 GMT``."""
    if said is None:
        return None
    # ``ssl.cert_time_to_seconds`` loads _strptime, and takes as long as a tenth of a handshake.
    month, day, clock, year, _ = said.split()
    hours, minutes, seconds = clock.split(":")
    days = date(int(year), _MONTHS.index(month) + 1, int(day)).toordinal() - _EPOCH_DAY
    return ((days * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
