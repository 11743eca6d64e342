"""Names that libraries import from modules of Requests which only use them.

``from requests.adapters import MaxRetryError`` imports urllib3's own class, at that moment, if
urllib3 is installed. ``from requests.models import HTTPError`` imports a class of Requests from a
module that does not use it here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

# Modules that have the names; those that begin with a point are modules of this package.
_EXCEPTIONS: Final = ".exceptions"
_URLLIB3: Final = "urllib3.exceptions"

# By module, and by the module that has them: names; ``name=real`` where they differ.
NAMES: Final[dict[str, dict[str, str]]] = {
    "adapters": {
        _EXCEPTIONS: "ConnectTimeout ConnectionError InvalidHeader InvalidProxyURL InvalidSchema "
        "ProxyError ReadTimeout RetryError SSLError",
        ".compat": "basestring urlparse",
        ".utils": "DEFAULT_CA_BUNDLE_PATH",
        _URLLIB3: "ClosedPoolError ConnectTimeoutError LocationValueError MaxRetryError "
        "NewConnectionError ProtocolError ReadTimeoutError ResponseError _HTTPError=HTTPError "
        "_InvalidHeader=InvalidHeader _ProxyError=ProxyError _SSLError=SSLError",
        "urllib3.poolmanager": "PoolManager proxy_from_url",
        "urllib3.util": "Retry TimeoutSauce=Timeout parse_url",
    },
    "auth": {
        ".compat": "basestring str urlparse",
        ".utils": "to_native_string",
    },
    "cookies": {
        ".compat": "cookielib urlparse urlunparse",
        ".utils": "to_native_string",
    },
    "exceptions": {
        ".compat": "CompatJSONDecodeError=JSONDecodeError",
        _URLLIB3: "BaseHTTPError=HTTPError",
    },
    "models": {
        _EXCEPTIONS: "ChunkedEncodingError ConnectionError ContentDecodingError HTTPError "
        "InvalidJSONError StreamConsumedError RequestsJSONDecodeError=JSONDecodeError "
        "RequestsSSLError=SSLError",
        ".auth": "HTTPBasicAuth",
        ".compat": "JSONDecodeError basestring builtin_str chardet complexjson=json cookielib "
        "urlencode urlunparse",
        ".cookies": "_copy_cookie_jar",
        ".hooks": "default_hooks",
        ".status_codes": "codes",
        ".utils": "check_header_validity get_auth_from_url guess_filename guess_json_utf "
        "iter_slices parse_header_links requote_uri stream_decode_response_unicode super_len "
        "to_key_val_list to_native_string",
        _URLLIB3: "DecodeError LocationParseError ProtocolError ReadTimeoutError SSLError",
        "urllib3.fields": "RequestField",
        "urllib3.filepost": "encode_multipart_formdata",
        "urllib3.util": "parse_url",
    },
    "sessions": {
        ".utils": "to_native_string",
    },
    "utils": {
        _EXCEPTIONS: "FileModeWarning InvalidHeader InvalidURL UnrewindableBodyError",
        ".compat": "bytes integer_types str",
        "urllib3.util": "make_headers parse_url",
    },
}


def borrowed(module: str, name: str) -> Any:
    """Import a name that a module of this package has for libraries only.

    Args:
        module: The full name of the module.
        name: The name looked up in it.

    Raises:
        AttributeError: There is no such name, or it is urllib3's and that is not installed.
    """
    package, _, short = module.rpartition(".")
    for place, names in NAMES.get(short, {}).items():
        for each in names.split():
            known, _, real = each.partition("=")
            if known != name:
                continue
            try:
                return getattr(import_module(place, package), real or known)
            except ImportError:
                missing = f"module {module!r} has no attribute {name!r} without {place}"
                raise AttributeError(missing) from None
    raise AttributeError(f"module {module!r} has no attribute {name!r}")
