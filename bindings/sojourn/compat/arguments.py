"""The arguments of Requests' functions, as type checkers know them.

Each type lets pass what that of Requests lets pass, and refuses what it refuses. At run time
nothing loads this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from http.cookiejar import CookieJar
    from typing import Any, TypeAlias

    from sojourn_core.messages.arguments import (
        JSON,
        Buffer,
        Form,
        Params,
        Readable,
    )
    from sojourn_core.rules.auth.credentials import AuthBase

    from .cookies import RequestsCookieJar
    from .models import PreparedRequest, Response
    from .structures import CaseInsensitiveDict

    File: TypeAlias = Readable[str | bytes]
    Data: TypeAlias = Form | Iterable[str | bytes] | str | bytes | Buffer | File | None
    Headers: TypeAlias = Mapping[str, str | bytes] | None
    Cookies: TypeAlias = RequestsCookieJar | CookieJar | dict[str, str] | None

    FileContent: TypeAlias = File | str | bytes
    FileFields: TypeAlias = CaseInsensitiveDict[str] | Mapping[str, str]
    FileSpec: TypeAlias = (
        FileContent
        | tuple[str | None, FileContent]
        | tuple[str | None, FileContent, str]
        | tuple[str | None, FileContent, str, FileFields]
    )
    Files: TypeAlias = Mapping[str, FileSpec] | Iterable[tuple[str, FileSpec]] | None

    Signer: TypeAlias = Callable[[PreparedRequest], PreparedRequest]
    Auth: TypeAlias = tuple[str, str] | AuthBase | Signer | None

    Timeout: TypeAlias = float | tuple[float | None, float | None] | None
    Proxies: TypeAlias = dict[str, str] | None
    Verify: TypeAlias = bool | str
    Cert: TypeAlias = str | tuple[str, str] | None

    Hook: TypeAlias = Callable[[Response], Any]
    Hooks: TypeAlias = Mapping[str, Iterable[Hook] | Hook]


class CommonArguments(TypedDict, total=False):
    """The keywords that each verb takes."""

    headers: Headers
    cookies: Cookies
    files: Files
    auth: Auth
    timeout: Timeout
    allow_redirects: bool
    proxies: Proxies
    hooks: Hooks | None
    stream: bool | None
    verify: Verify | None
    cert: Cert


class RequestArguments(CommonArguments, total=False):
    """The keywords of a verb that names none itself."""

    params: Params
    data: Data
    json: JSON


class GetArguments(CommonArguments, total=False):
    """The keywords of ``get``, which names ``params``."""

    data: Data
    json: JSON


class PostArguments(CommonArguments, total=False):
    """The keywords of ``post``, which names ``data`` and ``json``."""

    params: Params


class DataArguments(CommonArguments, total=False):
    """The keywords of ``put`` and ``patch``, which name ``data``."""

    params: Params
    json: JSON
