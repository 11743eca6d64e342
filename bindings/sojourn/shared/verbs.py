"""The verbs of a session: each is ``request`` with a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

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
        """GET. Arguments are those of ``request``."""
        return self.request("GET", url, params=params, **kwargs)

    def options(
        self, url: URLInput, **kwargs: Unpack[RequestArguments[ResponseT, PreparedRequest]]
    ) -> Answer_co:
        """OPTIONS. Arguments are those of ``request``."""
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
        """POST. Arguments are those of ``request``."""
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(
        self,
        url: URLInput,
        data: Data = None,
        **kwargs: Unpack[DataArguments[ResponseT, PreparedRequest]],
    ) -> Answer_co:
        """PUT. Arguments are those of ``request``."""
        return self.request("PUT", url, data=data, **kwargs)

    def patch(
        self,
        url: URLInput,
        data: Data = None,
        **kwargs: Unpack[DataArguments[ResponseT, PreparedRequest]],
    ) -> Answer_co:
        """PATCH. Arguments are those of ``request``."""
        return self.request("PATCH", url, data=data, **kwargs)

    def delete(
        self, url: URLInput, **kwargs: Unpack[RequestArguments[ResponseT, PreparedRequest]]
    ) -> Answer_co:
        """DELETE. Arguments are those of ``request``."""
        return self.request("DELETE", url, **kwargs)
