"""The arguments of a request, as type checkers know them.

Annotations name what is here; at run time nothing loads it. Each type is wide enough for all that
Requests' own annotations let pass. Verbs name the keywords that they hand on by one of the typed
dictionaries (PEP 692), so that a misspelt one is refused. ``ResponseT`` is the class of responses
that hooks are shown, and ``PreparedT`` that of the requests that callables sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypedDict, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
    from ssl import SSLContext

    from sojourn_core.rules.auth.credentials import AuthBase
    from sojourn_core.rules.cookies import CookieJar
    from sojourn_core.rules.hedge import HedgePolicy
    from sojourn_core.rules.retry_policy import RetryRule
    from sojourn_core.values.content.trailing import WithTrailers
    from sojourn_core.values.timeouts import TimeoutInput, Unset
    from sojourn_core.values.tls_settings import TLSSettings
    from sojourn_core.values.url.endpoint import Origin

ResponseT = TypeVar("ResponseT")
PreparedT = TypeVar("PreparedT")
_Read_co = TypeVar("_Read_co", covariant=True)
_Key_co = TypeVar("_Key_co", covariant=True)
_Value_co = TypeVar("_Value_co", covariant=True)


class Readable(Protocol[_Read_co]):
    """A file, or what is like one."""

    def read(self, length: int = ..., /) -> _Read_co:
        """Return the next bytes, or the next text; nothing at the end."""
        ...


class AsyncReadable(Protocol):
    """A file that is read with ``await``."""

    async def read(self, length: int = ..., /) -> bytes:
        """Return the next bytes; nothing at the end."""
        ...


class Items(Protocol[_Key_co, _Value_co]):
    """A mapping, as far as its pairs go."""

    def items(self) -> Iterable[tuple[_Key_co, _Value_co]]:
        """Return the pairs."""
        ...


class Buffer(Protocol):
    """Bytes in memory (PEP 688): a bytearray, a memoryview, an array."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class PathLike(Protocol):
    """A path, such as ``pathlib.Path``."""

    def __fspath__(self) -> str: ...


class CookieOfAnother(Protocol):
    """A cookie of ``http.cookiejar``."""

    name: str
    value: str | None
    domain: str
    path: str


class MorselOfAnother(Protocol):
    """A cookie of ``http.cookies``."""

    @property
    def coded_value(self) -> str:
        """The value as it is sent."""
        ...


if TYPE_CHECKING:
    URLInput: TypeAlias = str | bytes

    Scalar: TypeAlias = str | bytes | int | float
    ParamValue: TypeAlias = Scalar | Iterable[Scalar] | None
    ParamPairs: TypeAlias = Items[Scalar, ParamValue] | Iterable[tuple[Scalar, ParamValue]]
    Params: TypeAlias = ParamPairs | str | bytes | None

    Form: TypeAlias = Items[Any, Any] | Iterable[tuple[Any, Any]]
    Chunks: TypeAlias = Iterable[str | bytes] | AsyncIterable[str | bytes]
    Stream: TypeAlias = Readable[str | bytes] | AsyncReadable | Chunks
    Data: TypeAlias = Form | str | bytes | Buffer | Stream | WithTrailers | None
    Body: TypeAlias = bytes | str | Iterable[bytes | str] | Readable[bytes | str] | None

    HeaderPairs: TypeAlias = Iterable[tuple[str | bytes, str | bytes | None]]
    Headers: TypeAlias = (
        Mapping[str, str | bytes | None] | Mapping[bytes, str | bytes | None] | HeaderPairs | None
    )

    CookieText: TypeAlias = str | bytes | int | float | MorselOfAnother | None
    CookiePairs: TypeAlias = Mapping[str, CookieText] | Iterable[tuple[str, CookieText]]
    Cookies: TypeAlias = CookieJar | Iterable[CookieOfAnother] | CookiePairs | None

    FileContent: TypeAlias = str | bytes | Buffer | int | Stream | None
    FileSpec: TypeAlias = (
        FileContent
        | tuple[str | None, FileContent]
        | tuple[str | None, FileContent, str | None]
        | tuple[str | None, FileContent, str | None, Mapping[str, str]]
    )
    Files: TypeAlias = Mapping[str, FileSpec] | Iterable[tuple[str, FileSpec]] | None

    Signer: TypeAlias = Callable[[PreparedT], PreparedT]
    Credentials: TypeAlias = tuple[str | bytes, str | bytes] | AuthBase | Signer[PreparedT]
    CredentialsByOrigin: TypeAlias = (
        dict[str, Credentials[PreparedT]] | dict[Origin, Credentials[PreparedT]]
    )
    Auth: TypeAlias = Credentials[PreparedT] | CredentialsByOrigin[PreparedT] | None

    JSON: TypeAlias = bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"] | None

    RetryInput: TypeAlias = RetryRule | int | None
    HedgeInput: TypeAlias = HedgePolicy | float | None
    Timeout: TypeAlias = TimeoutInput | Unset
    Proxies: TypeAlias = Mapping[str, str | None] | None
    Verify: TypeAlias = bool | str | PathLike | SSLContext | TLSSettings
    Path: TypeAlias = str | PathLike
    Cert: TypeAlias = Path | tuple[Path, Path | None] | None

    Hook: TypeAlias = Callable[[ResponseT], object]
    Hooks: TypeAlias = Mapping[str, Hook[ResponseT] | Iterable[Hook[ResponseT]]]


class CommonArguments(TypedDict, Generic[ResponseT, PreparedT], total=False):
    """The keywords that each verb takes; see ``Session.request``."""

    headers: Headers
    cookies: Cookies
    files: Files
    auth: Auth[PreparedT]
    timeout: Timeout
    allow_redirects: bool
    proxies: Proxies
    hooks: Hooks[ResponseT] | None
    stream: bool | None
    verify: Verify | None
    cert: Cert
    retries: RetryInput | Unset
    hedge: HedgeInput | Unset


class RequestArguments(CommonArguments[ResponseT, PreparedT], total=False):
    """The keywords of a verb that names none itself."""

    params: Params
    data: Data
    json: JSON


class GetArguments(CommonArguments[ResponseT, PreparedT], total=False):
    """The keywords of ``get``, which names ``params``."""

    data: Data
    json: JSON


class PostArguments(CommonArguments[ResponseT, PreparedT], total=False):
    """The keywords of ``post``, which names ``data`` and ``json``."""

    params: Params


class DataArguments(CommonArguments[ResponseT, PreparedT], total=False):
    """The keywords of ``put`` and ``patch``, which name ``data``."""

    params: Params
    json: JSON
