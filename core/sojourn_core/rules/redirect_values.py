"""Values of a redirect: what it is judged by, and what it comes to.

``Answered`` has the facts of a request and its response that ``decide_redirect`` looks at; the
verdict is ``Follow``, ``Ignore`` or ``Refuse``. They are values, which nobody changes. Those that
each redirect makes are not frozen, because that takes several times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sojourn_core.values.fields import Fields
from sojourn_core.values.record import record
from sojourn_core.values.url.as_is import read_url
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.errors import RequestException
    from sojourn_core.values.fields import FieldLine, FieldsInput
    from sojourn_core.values.url.endpoint import Origin
    from sojourn_core.values.url.url import URL


@record()
class Answered(Value):
    """A request that was answered, and the head of its response.

    Attributes:
        method: The method of the request.
        url: Its URL, with the fragment that was asked for.
        lines: Its field lines, in their order; they are read, never changed.
        has_content: Whether it had content.
        status: The status of the response.
        fields: The fields of the response.
        hops: How many redirects of this call were followed already.
        hops_max: How many may be, in all; None for any number.
        home: The origin that the caller asked for; None if it is that of ``url``.
    """

    method: str
    url: URL
    lines: Sequence[FieldLine]
    has_content: bool
    status: int
    fields: Fields
    hops: int = 0
    hops_max: int | None = 30  # Requests' DEFAULT_REDIRECT_LIMIT.
    home: Origin | None = None

    @classmethod
    def of(
        cls,
        method: str,
        url: str | URL,
        status: int,
        *,
        sent: FieldsInput = (),
        received: FieldsInput = (),
        has_content: bool = False,
        hops: int = 0,
        hops_max: int | None = 30,
        home: Origin | None = None,
    ) -> Answered:
        """Build the facts from plain text and mappings.

        Args:
            method: The method of the request.
            url: Its URL, absolute.
            status: The status of the response.
            sent: The fields of the request: a mapping, or pairs of name and value.
            received: The fields of the response, likewise; Location among them.
            has_content: Whether the request had content.
            hops: How many redirects were followed already.
            hops_max: How many may be, in all; None for any number.
            home: The origin that the caller asked for; None if it is that of ``url``.

        Raises:
            InvalidURL: For what is no URL; or a sibling of that error.
        """
        return cls(
            method=method,
            url=read_url(url) if isinstance(url, str) else url,
            lines=tuple(Fields(sent).lines),
            has_content=has_content,
            status=status,
            fields=Fields(received),
            hops=hops,
            hops_max=hops_max,
            home=home,
        )


@record(frozen=True)
class Ignore(Value):
    """No redirect is followed: the response is for the caller.

    Attributes:
        decisions: Why, if it names a place to go to; else empty.
    """

    decisions: tuple[Decision, ...] = ()


DELIVER: Final = Ignore()


@record(frozen=True, kw_only=True)
class Refuse(Value):
    """The redirect is not followed, and the call fails.

    Attributes:
        error: The error to raise.
        decisions: Why.
    """

    error: RequestException
    decisions: tuple[Decision, ...]


@record()
class Follow(Value):
    """The plan for the next request, complete: who sends it as it says leaks nothing.

    The field lines of the next request are those of the request before, without the lines whose
    names are in ``dropped``. Its content is that of the request before, or none. Cookies of a jar,
    Host and the framing of the content are the sender's to derive anew.

    Attributes:
        url: The URL that it goes to, fragment included.
        method: Its method.
        dropped: The names of all fields that do not go along, in lower case; Authorization, Cookie
            and Proxy-Authorization among them where they must not.
        keeps_content: Whether the content goes along.
        same_origin: Whether it stays within the origin of the request before.
        decisions: Each choice that was made, each dropped field among them, with its reason.
    """

    url: URL
    method: str
    dropped: frozenset[str]
    keeps_content: bool
    same_origin: bool
    decisions: tuple[Decision, ...]
