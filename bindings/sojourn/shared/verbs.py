"""The verbs of a session: each is ``request`` with a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from sojourn_core.messages.arguments import (
        JSON,
        Data,
        DataArguments,
        GetArguments,
        Params,
        PostArguments,
        RequestArguments,
        URLInput,
    )
    from sojourn_core.messages.request import PreparedRequest

Answer_co = TypeVar("Answer_co", covariant=True)
ResponseT = TypeVar("ResponseT")


class Verbs(Generic[Answer_co, ResponseT]):
    """A method for each method of HTTP; they give what ``request`` gives."""

    request: Callable[..., Answer_co]  # A binding has its own, with all arguments named.

    def get(
        self,
        url: URLInput,
        params: Params = None,
        **kwargs: Unpack[GetArguments[ResponseT, PreparedRequest]],
    ) -> Answer_co:
        """GET."""
        if params is None and not kwargs:
            return self.request("GET", url)  # Without a dictionary made for each request.
        return self.request("GET", url, params=params, **kwargs)

    def options(
        self, url: URLInput, **kwargs: Unpack[RequestArguments[ResponseT, PreparedRequest]]
    ) -> Answer_co:
        """OPTIONS."""
        return self.request("OPTIONS", url, **kwargs)

    def head(
        self, url: URLInput, **kwargs: Unpack[RequestArguments[ResponseT, PreparedRequest]]
    ) -> Answer_co:
        """HEAD, whose redirects are not followed unless you say so."""
        kwargs.setdefault("allow_redirects", False)
        return self.request("HEAD", url, **kwargs)

    def post(
        self,
        url: URLInput,
        data: Data = None,
        json: JSON = None,
        **kwargs: Unpack[PostArguments[ResponseT, PreparedRequest]],
    ) -> Answer_co:
        """POST."""
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(
        self,
        url: URLInput,
        data: Data = None,
        **kwargs: Unpack[DataArguments[ResponseT, PreparedRequest]],
    ) -> Answer_co:
        """PUT."""
        return self.request("PUT", url, data=data, **kwargs)

    def patch(
        self,
        url: URLInput,
        data: Data = None,
        **kwargs: Unpack[DataArguments[ResponseT, PreparedRequest]],
    ) -> Answer_co:
        """PATCH."""
        return self.request("PATCH", url, data=data, **kwargs)

    def delete(
        self, url: URLInput, **kwargs: Unpack[RequestArguments[ResponseT, PreparedRequest]]
    ) -> Answer_co:
        """DELETE."""
        return self.request("DELETE", url, **kwargs)


ARGUMENTS: Final = """

        Args:
            url: An http or https URL.
            params: Added to the query: a mapping, pairs, or text.
            data: Content: a form (a mapping or pairs), text, bytes, a file, or an iterator; with
                asyncio also an asynchronous one. If the iterator raises, its own error reaches the
                caller, the same object with its message.
            json: A value to send as JSON.
            headers: Field lines; None as a value removes the session's.
            cookies: For this request only.
            files: Multipart content: a mapping or pairs of field name and file; a file is its
                content, or ``(filename, content[, type[, fields]])``.
            auth: ``(user, password)`` or a callable on the prepared request.
            timeout: Seconds of silence; ``(connect, read)``; ``Timeouts``; None to wait for ever.
                The session's, if nothing is said.
            allow_redirects: Whether redirects are followed.
            proxies: Proxy URLs by ``scheme://host``, ``scheme``, ``all://host`` or ``all``.
            hooks: ``{"response": function}``.
            stream: Whether the content is left for you to read.
            verify: True, False, the path of a CA bundle, or an ``ssl.SSLContext``.
            cert: A client certificate: a path, or ``(certificate, key)`` paths.
            retries: How often, or by which ``RetryPolicy``, the request is sent again if it fails;
                None or 0 for never. As the session says, if nothing is said.
            hedge: After how many seconds, or by which ``HedgePolicy``, the request is sent a
                second time for the first answer; None for never. As the session says, if nothing
                is said.

        Raises:
            RequestException: Whatever goes wrong; see ``sojourn.exceptions``.
        """  # As ``request`` has them: help(session.get) should say it.

for _verb in ("get", "options", "head", "post", "put", "patch", "delete"):
    _method: Any = getattr(Verbs, _verb)
    if _method.__doc__ is not None:  # Under ``python -OO`` there is none.
        _method.__doc__ += ARGUMENTS
