"""The request that Digest credentials are made for, as Digest reads it.

``PreparedRequest`` stands above, and fits by its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.content.content import Content
    from sojourn_core.values.fields import Fields
    from sojourn_core.values.url.endpoint import Origin
    from sojourn_core.values.url.url import URL


class DigestPreparation(Protocol):
    """The part of a request's preparation that Digest asks for.

    Attributes:
        entropy: ``entropy(n)`` gives n random bytes; None without a source of them.
        target: The request-target that Digest counts, if it is not that of the URL.
        proxy: The proxy that credentials are asked for, if it is not the origin.
    """

    @property
    def entropy(self) -> Callable[[int], bytes] | None: ...
    @property
    def target(self) -> str | None: ...
    @property
    def proxy(self) -> Origin | None: ...


class DigestRequest(Protocol):
    """A prepared request as Digest reads it; the credentials are set in its ``headers``.

    Attributes:
        method: A method token.
        headers: Its field lines.
        content: The content: bytes, or what is streamed; None for none.
        parsed_url: Its URL.
        preparation: What preparing it knew.
    """

    @property
    def method(self) -> str | None: ...
    @property
    def headers(self) -> Fields: ...
    @property
    def content(self) -> Content | bytes | None: ...
    @property
    def parsed_url(self) -> URL: ...
    @property
    def preparation(self) -> DigestPreparation: ...
