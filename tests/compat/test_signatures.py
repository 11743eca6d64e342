"""Every name of Requests is there, and is called in the same way.

The small modules are compared whole. What programs need of the others is written down in ``MUST``.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any, Final

import pytest

# What each module has beyond its own needs: what it imports for itself, and what is urllib3's.
THEIR_OWN: Final = {
    "structures": {"Generic", "OrderedDict"},
    "status_codes": set(),
    "certs": set(),
    "hooks": set(),
    "exceptions": {"BaseHTTPError", "CompatJSONDecodeError"},
    "cookies": {"cookielib", "to_native_string", "urlparse", "urlunparse"},
    "compat": {"ModuleType", "importlib", "sys", "urllib3_version"},
    "help": {
        "OpenSSL",
        "charset_normalizer",
        "chardet",
        "cryptography",
        "idna",
        "pyopenssl",
        "requests_version",
        "urllib3",
    },
    "utils": {
        "FileModeWarning",
        "InvalidHeader",
        "InvalidURL",
        "OrderedDict",
        "UnrewindableBodyError",
        "bytes",
        "certs",
        "codecs",
        "contextlib",
        "integer_types",
        "io",
        "is_urllib3_1",
        "make_headers",
        "os",
        "parse_url",
        "re",
        "socket",
        "str",
        "struct",
        "sys",
        "tempfile",
        "warnings",
        "zipfile",
    },
}
# Our product has another name, and our exceptions name their keywords.
OTHER_DEFAULTS: Final = {"default_user_agent"}


def public(module: Any) -> dict[str, Any]:
    """The names of a module that are for users, without those of ``typing``."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "") not in {"typing", "collections.abc", "__future__"}
        and name not in {"annotations", "Iterable", "Iterator", "TYPE_CHECKING", "Mapping"}
    }


@pytest.mark.parametrize("module", THEIR_OWN)
def test_no_name_is_missing(module: str) -> None:
    theirs = importlib.import_module(f"requests.{module}")
    ours = importlib.import_module(f"sojourn.compat.{module}")
    missing = {name for name in public(theirs) if not hasattr(ours, name)}
    assert missing <= THEIR_OWN[module]


def parameters(value: Any) -> Any:
    """Names, kinds and defaults; annotations are another matter."""
    return [
        (parameter.name, parameter.kind, parameter.default)
        for parameter in inspect.signature(value).parameters.values()
    ]


CALLED: Final = [
    (module, name)
    for module in sorted(THEIR_OWN.keys() - {"exceptions"})
    for name, value in public(importlib.import_module(f"requests.{module}")).items()
    if callable(value)
    and name not in THEIR_OWN[module]
    and not (isinstance(value, type) and issubclass(value, Exception))
]


@pytest.mark.parametrize(("module", "name"), CALLED)
def test_it_is_called_in_the_same_way(module: str, name: str) -> None:
    theirs = getattr(importlib.import_module(f"requests.{module}"), name)
    ours = getattr(importlib.import_module(f"sojourn.compat.{module}"), name)
    if ours is theirs:  # The standard library's, or certifi's.
        return
    told, expected = parameters(ours), parameters(theirs)
    if name in OTHER_DEFAULTS:
        told, expected = ([part[:2] for part in each] for each in (told, expected))
    assert told == expected


METHODS: Final = [
    (module, kind, name)
    for module, kind in [
        ("structures", "CaseInsensitiveDict"),
        ("structures", "LookupDict"),
        ("cookies", "RequestsCookieJar"),
        ("cookies", "MockRequest"),
        ("cookies", "MockResponse"),
    ]
    for name, value in inspect.getmembers(
        getattr(importlib.import_module(f"requests.{module}"), kind)
    )
    if not name.startswith("_") and callable(value)
]


@pytest.mark.parametrize(("module", "kind", "name"), METHODS)
def test_methods_are_called_in_the_same_way(module: str, kind: str, name: str) -> None:
    theirs = getattr(getattr(importlib.import_module(f"requests.{module}"), kind), name)
    ours = getattr(getattr(importlib.import_module(f"sojourn.compat.{module}"), kind), name)
    if ours != theirs and not inspect.ismethoddescriptor(theirs):
        assert parameters(ours) == parameters(theirs)


# --- what programs need of the larger modules -----------------------------------------------------

# By module: names, and after a colon the members of a class. The package itself is "".
MUST: Final[dict[str, str]] = {
    "": """
        request get options head post put patch delete session Session Request PreparedRequest
        Response codes ConnectionError ConnectTimeout HTTPError JSONDecodeError ReadTimeout
        RequestException Timeout TooManyRedirects URLRequired FileModeWarning adapters api auth
        certs compat cookies exceptions help hooks models packages sessions status_codes
        structures utils __version__
    """,
    "api": """
        request get options head post put patch delete
    """,
    "sessions": """
        Session: __init__ __enter__ __exit__ __getstate__ __setstate__ close request get options
        ... head post put patch delete send prepare_request merge_environment_settings mount
        ... get_adapter get_redirect_target should_strip_auth rebuild_auth rebuild_method
        ... rebuild_proxies resolve_redirects
        SessionRedirectMixin: send get_redirect_target should_strip_auth resolve_redirects
        ... rebuild_auth rebuild_proxies rebuild_method
        merge_setting merge_hooks session DEFAULT_REDIRECT_LIMIT REDIRECT_STATI PreparedRequest
        Request Response HTTPAdapter RequestsCookieJar CaseInsensitiveDict should_bypass_proxies
        to_key_val_list to_native_string
    """,
    "models": """
        Request: __init__ __repr__ prepare register_hook deregister_hook
        PreparedRequest: __init__ __repr__ prepare prepare_method prepare_url prepare_headers
        ... prepare_body prepare_content_length prepare_auth prepare_cookies prepare_hooks copy
        ... path_url register_hook deregister_hook _encode_params _encode_files
        Response: __init__ __enter__ __exit__ __getstate__ __setstate__ __iter__ __bool__
        ... __nonzero__ __repr__ apparent_encoding content text json iter_content iter_lines ok
        ... is_redirect is_permanent_redirect next links raise_for_status close
        RequestEncodingMixin: path_url _encode_params _encode_files
        RequestHooksMixin: register_hook deregister_hook
        REDIRECT_STATI DEFAULT_REDIRECT_LIMIT CONTENT_CHUNK_SIZE ITER_CHUNK_SIZE
    """,
    "adapters": """
        BaseAdapter: __init__ send close
        HTTPAdapter: __init__ __getstate__ __setstate__ send close add_headers request_url
        ... proxy_headers build_response cert_verify get_connection
        ... get_connection_with_tls_context build_connection_pool_key_attributes
        ... init_poolmanager proxy_manager_for
        DEFAULT_POOLBLOCK DEFAULT_POOLSIZE DEFAULT_POOL_TIMEOUT DEFAULT_RETRIES
    """,
    "auth": """
        AuthBase: __call__
        HTTPBasicAuth: __init__ __call__ __eq__ __ne__
        HTTPProxyAuth: __init__ __call__ __eq__ __ne__
        HTTPDigestAuth: __init__ __call__ __eq__ __ne__ init_per_thread_state
        ... build_digest_header handle_401 handle_redirect
        _basic_auth_str CONTENT_TYPE_FORM_URLENCODED CONTENT_TYPE_MULTI_PART
    """,
}
# Members that instances have, and classes may not.
ATTRIBUTES: Final = {
    "Session": "headers auth proxies hooks params stream verify cert max_redirects trust_env "
    "cookies adapters",
    "Request": "method url headers files data json params auth cookies hooks",
    "PreparedRequest": "method url headers body hooks _cookies _body_position",
    "Response": "status_code headers raw url encoding history reason cookies elapsed request "
    "_content _content_consumed _next",
    "HTTPAdapter": "max_retries config proxy_manager poolmanager _pool_connections _pool_maxsize "
    "_pool_block",
}


def found(package: str, path: str) -> Any:
    """What is at ``module.name`` or ``module.name.member`` of one of the two packages."""
    module, *names = path.split(".")
    value: Any = importlib.import_module(f"{package}.{module}" if module else package)
    for name in names:
        value = getattr(value, name)
    return value


def must_paths() -> list[str]:
    """The paths of everything in ``MUST``."""
    paths = []
    for module, lines in MUST.items():
        for line in lines.replace("\n        ...", "").strip().splitlines():
            names, _, members = line.partition(":")
            paths += [f"{module}.{name}" for name in names.split()]
            paths += [f"{module}.{names.strip()}.{member}" for member in members.split()]
    return paths


def by_name(value: Any) -> tuple[list[tuple[str, Any]], bool]:
    """What may be given by place, with its default; and whether anything goes as a keyword."""
    kinds = inspect.Parameter
    given = inspect.signature(value).parameters.values()
    places = [
        (each.name, each.default)
        for each in given
        if each.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
    ]
    return places, any(each.kind is kinds.VAR_KEYWORD for each in given)


@pytest.mark.parametrize("path", must_paths())
def test_a_name_that_programs_need(path: str) -> None:
    theirs, ours = found("requests", path), found("sojourn.compat", path)
    if inspect.ismodule(theirs):
        assert ours.__name__ == f"sojourn.compat.{theirs.__name__.removeprefix('requests.')}"
    elif inspect.isclass(theirs):
        assert inspect.isclass(ours)
        assert ours.__name__ == theirs.__name__
        bases = {base.__name__ for base in theirs.__mro__}
        assert bases <= {base.__name__ for base in ours.__mro__} | {"Generic"}
    elif path.endswith((".__exit__", ".__getstate__", ".__repr__", ".__ne__")):
        assert callable(ours)  # Whoever calls these, it is not by the names of arguments.
    elif inspect.isroutine(theirs):
        places, anything = by_name(theirs)
        assert by_name(ours)[0] == places
        assert by_name(ours)[1] or not anything
    elif isinstance(theirs, property):
        assert isinstance(ours, property)
    else:
        assert ours == theirs


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [(kind, name) for kind, names in ATTRIBUTES.items() for name in names.split()],
)
def test_an_attribute_that_programs_need(kind: str, attribute: str) -> None:
    module = "adapters" if kind == "HTTPAdapter" else ""
    theirs, ours = (
        getattr(found(package, f"{module}.{kind}")(), attribute)
        for package in ("requests", "sojourn.compat")
    )
    simple = (str, bytes, int, float, tuple, list, dict, type(None))
    if isinstance(theirs, simple) and attribute not in {"headers", "adapters"}:
        assert ours == theirs
    elif type(theirs).__module__.startswith("requests"):
        assert type(ours).__name__ == type(theirs).__name__


@pytest.mark.parametrize("kind", ["Session", "adapters.HTTPAdapter", "Response"])
def test_what_is_pickled_of_it(kind: str) -> None:
    theirs, ours = (
        found(package, kind if "." in kind else f".{kind}").__attrs__
        for package in ("requests", "sojourn.compat")
    )
    assert ours[: len(theirs)] == theirs  # A response has more to keep.
    assert kind == "Response" or ours == theirs


@pytest.mark.parametrize("package", ["requests", "sojourn.compat"])
def test_how_they_show_themselves(package: str) -> None:
    kinds = importlib.import_module(package)
    request = kinds.Request("get", "http://a.test/")
    assert repr(request) == "<Request [get]>"
    assert repr(request.prepare()) == "<PreparedRequest [GET]>"
    response = kinds.Response()
    assert repr(response) == "<Response [None]>"
    response.status_code = 200
    assert repr(response) == "<Response [200]>"
