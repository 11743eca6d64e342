"""Every error that Sojourn raises, in one tree.

The names and bases above the line are those that users of Requests catch; what stands
below a name of theirs, or is marked with ``+``, is an addition, so that old ``except``
clauses go on to catch the new errors::

    OSError
    └─ RequestException
       ├─ InvalidJSONError
       │  ├─ JSONDecodeError              also json.JSONDecodeError
       │  └─ UnencodableJSON            + also TypeError
       ├─ HTTPError
       ├─ ConnectionError
       │  ├─ ProxyError
       │  ├─ SSLError
       │  ├─ ConnectTimeout               also Timeout
       │  ├─ WriteTimeout               + also Timeout
       │  ├─ NameResolutionError        +
       │  ├─ AddressRefused             +
       │  ├─ StalledContent             + also ReadTimeout
       │  └─ RemoteProtocolError        +
       │     ├─ ConflictingLengths      + also InvalidHeader
       │     └─ IncompleteHead          + also ChunkedEncodingError
       ├─ Timeout
       │  ├─ ConnectTimeout
       │  ├─ ReadTimeout
       │  ├─ WriteTimeout               +
       │  ├─ PoolTimeout                +
       │  └─ DeadlineExceeded           +
       ├─ URLRequired
       ├─ TooManyRedirects
       ├─ MissingSchema                   also ValueError
       ├─ InvalidSchema                   also ValueError
       ├─ InvalidURL                      also ValueError
       │  └─ InvalidProxyURL
       ├─ InvalidHeader                   also ValueError
       ├─ InvalidMethod                 + also ValueError
       ├─ InvalidContent                + also ValueError
       │  └─ InvalidContentType         + also TypeError
       ├─ InvalidArgument               + also TypeError and ValueError
       ├─ ChunkedEncodingError
       ├─ ContentDecodingError
       │  └─ DecompressionLimit         +
       ├─ ContentTooLarge               +
       ├─ StreamConsumedError             also TypeError
       ├─ RetryError
       ├─ UnrewindableBodyError
       ├─ PolicyRefused                 +
       │  └─ RedirectRefused            +
       │     └─ DowngradeRefused        +
       └─ LocalProtocolError            + also RuntimeError

``RemoteProtocolError`` says that the peer broke the protocol, ``LocalProtocolError`` that
the caller (or Sojourn itself) did. Messages name the offending value, never a credential.

An error may be pickled and copied with all that it knows. Made anew from its ``args`` alone, as
task queues do that send errors as JSON, it has its message, and does not know what was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .error_way import ErrorWay
from .lazy import loader
from .record import record
from .value import Value

if TYPE_CHECKING:
    from .views import RequestView, ResponseView

PAIRS: Final = "a mapping, or pairs of names and values"  # Said of several arguments.


@record(frozen=True, kw_only=True)
class Progress(Value):
    """The progress that an exchange had made.

    Attributes:
        reused: Its connection had served a request before.
        octets_written: Number of bytes of the request handed to the stream.
        octets_received: Number of bytes received from the peer.
        content_touched: A chunk was taken from streamed content.
        unprocessed: The peer certainly did not process the request, so any method may be sent
            again: under HTTP/1.1, nothing of it was written on a reused connection, and nothing
            came.
    """

    reused: bool = False
    octets_written: int = 0
    octets_received: int = 0
    content_touched: bool = False
    unprocessed: bool = False


class RequestException(ErrorWay, OSError):
    """Anything that went wrong with one request.

    Attributes:
        request: The request that was being made, if there was one already.
        response: The response that arrived, if one did.
        maybe_sent: The request may have reached the peer. False only if it certainly
            did not, so that sending it once more is harmless. True for an error that
            was told nothing of it.
        progress: How far its exchange had got, if one was under way.
        partial: Content of the response that had come before the error and was not handed out,
            decoded as far as it can be: bytes, or text where text was asked for. None if no content
            was being read.
    """

    progress: Progress | None = None
    partial: bytes | str | None = None

    def __init__(
        self,
        *args: Any,
        request: RequestView | None = None,
        response: ResponseView | None = None,
        maybe_sent: bool = True,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(*args)
        if progress is not None:
            self.progress = progress
        if request is None and response is not None:
            # A response of another class may have no such attribute.
            request = getattr(response, "request", None)
        self.request: RequestView | None = request
        self.response: ResponseView | None = response
        self.maybe_sent = maybe_sent

    @property
    def maybe_sent(self) -> bool:
        """The request may have reached the peer; it has, if there is a response."""
        return self._maybe_sent or self.response is not None

    @maybe_sent.setter
    def maybe_sent(self, maybe_sent: bool) -> None:
        self._maybe_sent = maybe_sent


def unsent(error: RequestException, request: RequestView | None) -> None:
    """Note of an error that its request was not sent; an error of another request stays as it is.

    Args:
        error: What was raised while the request was prepared.
        request: The request, if there is one already.
    """
    if error.request is None or error.request is request:
        error.request = request
        error.maybe_sent = False


def not_taken(name: str, taken: str, value: object) -> InvalidArgument:
    """Return the error for an argument, or an attribute, of a kind that is not taken.

    Args:
        name: Its name.
        taken: What is taken, as the message says it.
        value: What was given. The message has its type alone, for it may be secret.
    """
    return InvalidArgument(f"{name} must be {taken}, not {type(value).__name__}", maybe_sent=False)


def pairs_in(name: str, given: Any) -> list[tuple[Any, Any]]:
    """List the pairs of a mapping, or of an iterable of pairs.

    Raises:
        InvalidArgument: It is neither, and the message names the argument.
    """
    if isinstance(given, (str, bytes, bytearray)) or not hasattr(given, "__iter__"):
        raise not_taken(name, PAIRS, given)
    items: list[Any] = [*(given.items() if hasattr(given, "items") else given)]
    try:
        return [(key, value) for key, value in items]
    except (TypeError, ValueError):
        raise InvalidArgument(
            f"{name} must be {PAIRS}, and an item is none", maybe_sent=False
        ) from None


class InvalidJSONError(RequestException):
    """The content of a request or a response is not JSON."""


class UnencodableJSON(InvalidJSONError, TypeError):
    """A value has no JSON form; Requests lets the TypeError through."""


class HTTPError(RequestException):
    """The response says that the request failed (``raise_for_status``)."""


class ConnectionError(RequestException):
    """The connection could not be made, or was lost."""


class ProxyError(ConnectionError):
    """The proxy could not be reached, or refused to serve; its ``response`` is the proxy's.

    Attributes:
        refused: A proxy without a response has refused, and would do so again.
        unreached: It has not reached the address that it was told; it may reach another one.
    """

    refused: bool = False
    unreached: bool = False

    @property
    def maybe_sent(self) -> bool:
        """The request may have reached its origin; a response of the proxy does not show it."""
        return self._maybe_sent

    @maybe_sent.setter
    def maybe_sent(self, maybe_sent: bool) -> None:
        self._maybe_sent = maybe_sent


class SSLError(ConnectionError):
    """TLS could not be established, or broke."""


class NameResolutionError(ConnectionError):
    """The host has no address."""


class AddressRefused(ConnectionError):
    """The host has no address but those that must not be connected to."""


class RemoteProtocolError(ConnectionError):
    """The peer sent what HTTP does not allow, or more than a limit admits."""


class Timeout(RequestException):
    """Something took longer than the caller was ready to wait."""


class ConnectTimeout(ConnectionError, Timeout):
    """Name resolution, TCP connect or the TLS handshake took too long.

    Attributes:
        connected: The peer was connected to: it was the TLS handshake, or the proxy's answer to
            CONNECT, that took too long.
    """

    connected: bool = False


class ReadTimeout(Timeout):
    """The peer was silent for too long."""


class StalledContent(ConnectionError, ReadTimeout):
    """The peer was silent for too long in the middle of its content.

    Requests raises a ConnectionError here, where one would look for a ReadTimeout: it is both.
    """


class WriteTimeout(ConnectionError, Timeout):
    """The peer did not take in what was sent for too long."""


class PoolTimeout(Timeout):
    """No connection of the pool became free in time."""


class DeadlineExceeded(Timeout):
    """The total time allowed for the call, redirects and content included, is over."""


class URLRequired(RequestException):
    """A request was made without a URL."""


class TooManyRedirects(RequestException):
    """More redirects than ``max_redirects`` allows."""


class MissingSchema(RequestException, ValueError):
    """The URL has no scheme, such as ``https:``."""


class InvalidSchema(RequestException, ValueError):
    """No transport is mounted for the URL's scheme."""


class InvalidURL(RequestException, ValueError):
    """The URL is not one that a request can be sent to."""


class InvalidProxyURL(InvalidURL):
    """The URL of the proxy is not valid."""


class InvalidHeader(RequestException, ValueError):
    """A field name or value cannot be sent. The message names the field, not its value."""


class InvalidMethod(RequestException, ValueError):
    """The method is not a token (RFC 9110 section 9.1)."""


class InvalidContent(RequestException, ValueError):
    """The content given does not fit the request: its type, or its declared length."""


class InvalidContentType(InvalidContent, TypeError):
    """The content given is of a type that cannot be sent; Requests lets a TypeError through."""


class InvalidArgument(RequestException, TypeError, ValueError):
    """An argument, or an attribute of a session, is of a kind that is not taken."""


class ChunkedEncodingError(RequestException):
    """The content of a response ended before it was complete, or its framing broke.

    Attributes:
        missing: The number of bytes that were still to come when it ended, as far as it is known;
            None if it did not end early.
    """

    missing: int | None = None


class ConflictingLengths(RemoteProtocolError, InvalidHeader):
    """A response has two Content-Length that differ (RFC 9112 section 6.3, rule 5)."""


class IncompleteHead(RemoteProtocolError, ChunkedEncodingError):
    """The stream ended within the head of a response, after a line that frames its content.

    Requests takes such a head for a whole one, and misses the content.
    """


class ContentDecodingError(RequestException):
    """The content does not fit its Content-Encoding."""


class DecompressionLimit(ContentDecodingError):
    """Decoding the content was stopped because it grows beyond the limits."""


class ContentTooLarge(RequestException):
    """The content of a response is larger than the limit that was set."""


class StreamConsumedError(RequestException, TypeError):
    """The content of this response was already consumed."""


class RetryError(RequestException):
    """A retry policy gave up."""


class UnrewindableBodyError(RequestException):
    """The request must be sent again, but its content cannot be."""


class PolicyRefused(RequestException):
    """The policy does not allow anything to be sent there."""


class RedirectRefused(PolicyRefused):
    """The policy does not allow this redirect to be followed."""


class DowngradeRefused(RedirectRefused):
    """The redirect would send content in clear text that was sent by https before."""


class LocalProtocolError(RequestException, RuntimeError):
    """A machine was given a reply that does not fit the command it had answered with."""


if not TYPE_CHECKING:  # It is an error of ``json`` too, which few programs load.
    __getattr__ = loader(__name__, {"sojourn_core.values.json_error": ("JSONDecodeError",)})
