"""A web of two hosts, which answers requests as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Fault: TypeAlias = Literal["reset", "cut", "silence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as it arrived.

    Attributes:
        method: Its method.
        url: Its URL, with the host that the Host field names.
        fields: Its field lines, in their order.
        content: All of its content, without its framing.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    content: bytes = b""

    @property
    def host(self) -> str:
        """Scheme and authority: ``http://a.test``."""
        return "/".join(self.url.split("/", 3)[:3])

    @property
    def path(self) -> str:
        """Path and query."""
        return f"/{self.url.split('/', 3)[3]}"

    def values(self, name: str) -> list[str]:
        """Return the values of a field, by its name in any case."""
        return [value for each, value in self.fields if each.lower() == name.lower()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A response as a value.

    Attributes:
        status: Its status.
        reason: Its reason phrase.
        fields: Its field lines, but for its framing.
        pieces: Its content, each piece to be sent when the one before has gone out.
        fault: ``reset`` before anything is answered; ``cut`` after the pieces, before the end that
            was declared; ``silence`` in its place. A driver that does not offer "faults" never has
            one.
    """

    status: int = 200
    reason: str = "OK"
    fields: tuple[tuple[str, str], ...] = ()
    pieces: Iterable[bytes] = ()
    fault: Fault | None = None


Web: TypeAlias = Callable[[Incoming], Reply]


def answer(
    status: int = 200, content: bytes = b"", /, *pairs: tuple[str, str], **given: Any
) -> Reply:
    """Build a reply whose content is one piece."""
    return Reply(status=status, fields=pairs, pieces=(content,) if content else (), **given)


class Site:
    """The web of one case, and what came to it.

    Attributes:
        came: The requests, in the order in which they came.
    """

    def __init__(self) -> None:
        self.came: list[Incoming] = []
        self._pages: Mapping[str, Any] = {}

    def show(self, pages: Mapping[str, Any]) -> None:
        """Set what is answered, by path: a reply, or a function of what came."""
        self._pages = pages

    def __call__(self, incoming: Incoming) -> Reply:
        self.came.append(incoming)
        path = incoming.path.partition("?")[0]
        page = self._pages.get(path)
        if page is None:
            return answer(404, b"nothing is here", reason="Not Found")
        if isinstance(page, Reply):
            return page
        made: Reply = page(incoming)
        return made
