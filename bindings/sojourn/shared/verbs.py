"""The verbs of a session: each is ``request`` with a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer_co = TypeVar("Answer_co", covariant=True)


class Verbs(Generic[Answer_co]):
    """A method for each method of HTTP; they give what ``request`` gives."""

    request: Callable[..., Answer_co]  # A binding has its own, with all arguments named.

    def get(self, url: str | bytes, params: Any = None, **kwargs: Any) -> Answer_co:
        """GET. Arguments are those of ``request``."""
        return self.request("GET", url, params=params, **kwargs)

    def options(self, url: str | bytes, **kwargs: Any) -> Answer_co:
        """OPTIONS. Arguments are those of ``request``."""
        return self.request("OPTIONS", url, **kwargs)

    def head(self, url: str | bytes, **kwargs: Any) -> Answer_co:
        """HEAD, whose redirects are not followed unless you say so."""
        kwargs.setdefault("allow_redirects", False)
        return self.request("HEAD", url, **kwargs)

    def post(
        self, url: str | bytes, data: Any = None, json: Any = None, **kwargs: Any
    ) -> Answer_co:
        """POST. Arguments are those of ``request``."""
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(self, url: str | bytes, data: Any = None, **kwargs: Any) -> Answer_co:
        """PUT. Arguments are those of ``request``."""
        return self.request("PUT", url, data=data, **kwargs)

    def patch(self, url: str | bytes, data: Any = None, **kwargs: Any) -> Answer_co:
        """PATCH. Arguments are those of ``request``."""
        return self.request("PATCH", url, data=data, **kwargs)

    def delete(self, url: str | bytes, **kwargs: Any) -> Answer_co:
        """DELETE. Arguments are those of ``request``."""
        return self.request("DELETE", url, **kwargs)
