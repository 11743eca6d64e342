"""Requests' errors, as type checkers know them.

At run time an error is Sojourn's own, whose request and response may be of any class. So type
checkers are shown these classes in the place of Sojourn's: they name the requests and responses of
this package. What Requests does not have is Sojourn's here, too. At run time nothing loads this
module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn.exceptions import (
    AddressRefused,
    ConflictingLengths,
    ContentTooLarge,
    DeadlineExceeded,
    DecompressionLimit,
    DowngradeRefused,
    IncompleteHead,
    InvalidArgument,
    InvalidContent,
    InvalidContentType,
    InvalidMethod,
    LocalProtocolError,
    NameResolutionError,
    PolicyRefused,
    PoolTimeout,
    RedirectRefused,
    RemoteProtocolError,
    StalledContent,
    UnencodableJSON,
    WriteTimeout,
)

__all__ = [
    "AddressRefused",
    "ChunkedEncodingError",
    "ConflictingLengths",
    "ConnectTimeout",
    "ConnectionError",
    "ContentDecodingError",
    "ContentTooLarge",
    "DeadlineExceeded",
    "DecompressionLimit",
    "DowngradeRefused",
    "HTTPError",
    "IncompleteHead",
    "InvalidArgument",
    "InvalidContent",
    "InvalidContentType",
    "InvalidHeader",
    "InvalidJSONError",
    "InvalidMethod",
    "InvalidProxyURL",
    "InvalidSchema",
    "InvalidURL",
    "JSONDecodeError",
    "LocalProtocolError",
    "MissingSchema",
    "NameResolutionError",
    "PolicyRefused",
    "PoolTimeout",
    "ProxyError",
    "ReadTimeout",
    "RedirectRefused",
    "RemoteProtocolError",
    "RequestException",
    "RetryError",
    "SSLError",
    "StalledContent",
    "StreamConsumedError",
    "Timeout",
    "TooManyRedirects",
    "URLRequired",
    "UnencodableJSON",
    "UnrewindableBodyError",
    "WriteTimeout",
]

if TYPE_CHECKING:
    import json
    from typing import Any

    from sojourn_core.values.errors import Progress

    from .models import PreparedRequest, Request, Response

    class RequestException(OSError):
        """Anything that went wrong with one request."""

        request: Request | PreparedRequest | None
        response: Response | None
        maybe_sent: bool
        progress: Progress | None
        partial: bytes | str | None

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    class InvalidJSONError(RequestException): ...

    class JSONDecodeError(InvalidJSONError, json.JSONDecodeError):
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    class HTTPError(RequestException): ...

    class ConnectionError(RequestException): ...

    class ProxyError(ConnectionError): ...

    class SSLError(ConnectionError): ...

    class Timeout(RequestException): ...

    class ConnectTimeout(ConnectionError, Timeout): ...

    class ReadTimeout(Timeout): ...

    class URLRequired(RequestException): ...

    class TooManyRedirects(RequestException): ...

    class MissingSchema(RequestException, ValueError): ...

    class InvalidSchema(RequestException, ValueError): ...

    class InvalidURL(RequestException, ValueError): ...

    class InvalidHeader(RequestException, ValueError): ...

    class InvalidProxyURL(InvalidURL): ...

    class ChunkedEncodingError(RequestException): ...

    class ContentDecodingError(RequestException): ...

    class StreamConsumedError(RequestException, TypeError): ...

    class RetryError(RequestException): ...

    class UnrewindableBodyError(RequestException): ...
