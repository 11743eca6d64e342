"""The functions of ``requests.utils``, for programs that import them from there."""

from __future__ import annotations

from typing import Any

from sojourn.compat import certs
from sojourn.compat.borrowed import borrowed
from sojourn.compat.compat import (
    getproxies_environment,
    proxy_bypass_environment,
    quote,
    unquote,
    urlparse,
    urlunparse,
)
from sojourn.compat.cookies import cookiejar_from_dict
from sojourn.compat.structures import CaseInsensitiveDict

from .addresses import address_in_network, dotted_netmask, is_ipv4_address, is_valid_cidr
from .charsets import (
    get_encoding_from_headers,
    get_encodings_from_content,
    get_unicode_from_response,
    guess_json_utf,
    stream_decode_response_unicode,
)
from .charsets import parse_content_type as _parse_content_type_header
from .files import atomic_open, extract_zipped_paths, set_environ
from .headers import (
    DEFAULT_ACCEPT_ENCODING,
    HEADER_VALIDATORS,
    check_header_validity,
    default_headers,
    default_user_agent,
    parse_dict_header,
    parse_header_links,
    parse_list_header,
    to_native_string,
    unquote_header_value,
)
from .jars import add_dict_to_cookiejar, dict_from_cookiejar
from .pairs import dict_to_sequence, from_key_val_list, to_key_val_list
from .proxies import (
    NETRC_FILES,
    get_environ_proxies,
    get_netrc_auth,
    getproxies,
    proxy_bypass,
    resolve_proxies,
    select_proxy,
    should_bypass_proxies,
)
from .uploads import guess_filename, iter_slices, rewind_body, super_len
from .urls import (
    DEFAULT_PORTS,
    UNRESERVED_SET,
    get_auth_from_url,
    prepend_scheme_if_needed,
    requote_uri,
    unquote_unreserved,
    urldefragauth,
)

__all__ = [
    "DEFAULT_ACCEPT_ENCODING",
    "DEFAULT_CA_BUNDLE_PATH",
    "DEFAULT_PORTS",
    "HEADER_VALIDATORS",
    "NETRC_FILES",
    "UNRESERVED_SET",
    "CaseInsensitiveDict",
    "_parse_content_type_header",
    "add_dict_to_cookiejar",
    "address_in_network",
    "atomic_open",
    "check_header_validity",
    "cookiejar_from_dict",
    "default_headers",
    "default_user_agent",
    "dict_from_cookiejar",
    "dict_to_sequence",
    "dotted_netmask",
    "extract_zipped_paths",
    "from_key_val_list",
    "get_auth_from_url",
    "get_encoding_from_headers",
    "get_encodings_from_content",
    "get_environ_proxies",
    "get_netrc_auth",
    "get_unicode_from_response",
    "getproxies",
    "getproxies_environment",
    "guess_filename",
    "guess_json_utf",
    "is_ipv4_address",
    "is_valid_cidr",
    "iter_slices",
    "parse_dict_header",
    "parse_header_links",
    "parse_list_header",
    "prepend_scheme_if_needed",
    "proxy_bypass",
    "proxy_bypass_environment",
    "quote",
    "requote_uri",
    "resolve_proxies",
    "rewind_body",
    "select_proxy",
    "set_environ",
    "should_bypass_proxies",
    "stream_decode_response_unicode",
    "super_len",
    "to_key_val_list",
    "to_native_string",
    "unquote",
    "unquote_header_value",
    "unquote_unreserved",
    "urldefragauth",
    "urlparse",
    "urlunparse",
]

DEFAULT_CA_BUNDLE_PATH: str


def __getattr__(name: str) -> Any:
    if name == "DEFAULT_CA_BUNDLE_PATH":
        return certs.where()
    return borrowed(__name__, name)
