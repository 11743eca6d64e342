"""A threat in what a caller passes on: it is refused before anything is asked or sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .talk import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

A_PAGE: Final = "http://a.test/x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A request that is refused.

    Attributes:
        id: As in the list of threats.
        variant: What tells it from another of that id.
        error: What it fails with, exactly; the drop-in has an error of the same name.
        method: Its method.
        url: Its URL.
        arguments: The other arguments of the request.
        spoil: Does to the prepared request what no argument can.
        says: What the message holds.
        runners: Where it is tried.
    """

    id: str
    variant: str
    error: type[Exception]
    method: Any = "GET"
    url: Any = A_PAGE
    arguments: Mapping[str, Any] = field(default_factory=dict)
    spoil: Callable[[Any], None] | None = None
    says: str = ""
    runners: tuple[str, ...] = ALL

    @property
    def name(self) -> str:
        """A name for the test."""
        return ascii(f"{self.id}-{self.variant}")[1:-1]


@dataclass(frozen=True, slots=True)
class Place:
    """A URL of which one might think that it leads elsewhere.

    Attributes:
        id: As in the list of threats.
        url: The URL.
        host: Where it leads; None if it must be refused.
        runners: Where it is tried.
    """

    id: str
    url: str
    host: str | None = None
    runners: tuple[str, ...] = ALL

    @property
    def name(self) -> str:
        """A name for the test."""
        shown = self.url if len(self.url) < 60 else f"{self.url[:30]}... of {len(self.url)}"
        return ascii(f"{self.id}-{shown}")[1:-1]
