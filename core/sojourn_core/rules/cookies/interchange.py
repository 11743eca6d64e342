"""Jars as JSON: all that a jar knows, for programs that keep it, move it or merge it.

    {"version": 1, "cookies": [...], "deletions": [...]}

An element has the attributes of ``Cookie`` or of ``Deletion``, each of them and no other. The
cookies are in the order of their last use. Reading is strict: what somebody else has changed is
taken as it is meant, or refused.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from sojourn_core.values.decision import Decision
from sojourn_core.values.fields import cut
from sojourn_core.values.limits import DEFAULT_LIMITS

from .accept import decide_restored
from .cookie import Cookie, check_cookie
from .deletions import Deletion
from .domain import is_likely_public_suffix
from .jar import CookieJar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.limits import Limits

    from .cookie import Place

VERSION: Final = 1

_Item = TypeVar("_Item", Cookie, Deletion)

# The kind of each member. A bool is no number here.
_PLACE: Final = {"name": "text", "domain": "text", "host_only": "flag", "path": "text"}
_CHANGE: Final = {"changed": "time", "revision": "count"}
_COOKIE: Final = {
    **_PLACE,
    "value": "text",
    "secure": "flag",
    "http_only": "flag",
    "same_site": "text",
    "expires": "time or null",
    "created": "time",
    **_CHANGE,
    "serial": "count",
}
_DELETION: Final = {**_PLACE, **_CHANGE}
# Beyond these no number is exact in every reader of JSON, and no time is meant.
_NUMBER_MAX: Final = 2**53


class CookieFormatError(ValueError):
    """The text is not JSON of a jar. The message never holds the value of a cookie.

    Attributes:
        member: Where, such as ``cookies[3].expires``; empty if the text is not JSON.
        line: The line, from 1, if the text is not JSON; None otherwise.
    """

    def __init__(self, reason: str, member: str = "", line: int | None = None) -> None:
        super().__init__(f"{member}: {reason}" if member else reason)
        self.member = member
        self.line = line

    def __reduce__(self) -> tuple[Any, ...]:
        return _error_of, (str(self), self.member, self.line)


def _error_of(message: str, member: str, line: int | None) -> CookieFormatError:
    error = CookieFormatError(message, line=line)
    error.member = member
    return error


def cookies_to_json(jar: CookieJar) -> str:
    """Write all cookies of a jar and its records of deletions, one to a line."""
    with jar.guard:
        cookies, deletions = jar.by_use(), jar.deletions()
    parts = [
        f'"{name}": [' + ",".join(f"\n  {element}" for element in elements) + "\n]"
        for name, elements in (
            ("cookies", [_element(cookie, _COOKIE) for cookie in cookies]),
            ("deletions", [_element(deletion, _DELETION) for deletion in deletions]),
        )
    ]
    return "{" + ",\n".join([f'"version": {VERSION}', *parts]) + "}\n"


def _element(item: Cookie | Deletion, members: dict[str, str]) -> str:
    # Each code point stands for a byte; as UTF-8 that is shorter than escaped.
    return json.dumps(
        {name: getattr(item, name) for name in members}, ensure_ascii=False, allow_nan=False
    )


def cookies_from_json(
    text: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    is_public_suffix: Callable[[str], bool] | None = None,
    decisions: list[Decision] | None = None,
) -> CookieJar:
    """Read the jar that ``cookies_to_json`` wrote; nothing is evicted.

    A cookie that a server has set, by a jar of other rules, is left out if no host may set it
    here. What was set by hand stays as it is.

    Args:
        text: JSON.
        limits: Of the jar; they are not part of the text.
        is_public_suffix: Likewise.
        decisions: Where to report what is left out, such as ``cookie.rejected.public-suffix``; the
            subject is ``cookies[3]``.

    Raises:
        CookieFormatError: It is something else, or a cookie could not be sent.
    """
    document = _members("", _load(text), {"version", "cookies", "deletions"})
    version = document["version"]
    if isinstance(version, bool) or version != VERSION:
        raise CookieFormatError(f"only version {VERSION} can be read", "version")
    cookies = [
        _read(member, element, _COOKIE, Cookie)
        for member, element in _elements(document, "cookies")
    ]
    deletions = [
        _read(member, element, _DELETION, Deletion)
        for member, element in _elements(document, "deletions")
    ]
    known: set[Place] = set()
    items: list[Cookie | Deletion] = [*cookies, *deletions]
    for number, item in enumerate(items):
        if item.place in known:
            at = number - len(cookies)
            member = f"cookies[{number}]" if at < 0 else f"deletions[{at}]"
            raise CookieFormatError("its place is taken by one before", member)
        known.add(item.place)
    reports: list[Decision] = [] if decisions is None else decisions
    return CookieJar.restored(
        _admitted(cookies, is_public_suffix or is_likely_public_suffix, limits, reports),
        deletions,
        latest=max((item.changed for item in items), default=0.0),
        limits=limits,
        is_public_suffix=is_public_suffix,
    )


def _admitted(
    cookies: list[Cookie],
    is_public_suffix: Callable[[str], bool],
    limits: Limits,
    reports: list[Decision],
) -> list[Cookie]:
    """Return the cookies that may be kept, and report the others."""
    admitted: list[Cookie] = []
    for number, cookie in enumerate(cookies):
        refusal = None
        if cookie.created:
            refusal = decide_restored(cookie, is_public_suffix, limits.cookie_size_max)
        if refusal is None:
            admitted.append(cookie)
        else:
            reports.append(
                Decision(
                    code=refusal.code,
                    subject=f"cookies[{number}]",
                    reason=refusal.reason,
                    section=refusal.section,
                )
            )
    return admitted


def _load(text: str) -> Any:
    try:
        return json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        # Not "from error": it has the whole text.
        raise CookieFormatError(f"it is not JSON: {error.msg}", line=error.lineno) from None
    except CookieFormatError:
        raise
    except (ValueError, RecursionError):  # A number of thousands of digits; brackets likewise.
        raise CookieFormatError("it is not JSON of this kind") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise CookieFormatError("a member is there twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise CookieFormatError(f"{name} is no number of JSON")


def _members(member: str, value: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CookieFormatError("it is not an object", member or "the text")
    found = cast("dict[str, Any]", value)
    for name in sorted(names - found.keys()):
        raise CookieFormatError("it is not there", _within(member, name))
    for name in sorted(found.keys() - names):
        raise CookieFormatError(f"it has a member {cut(name)}, which is unknown", member)
    return found


def _elements(document: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    if not isinstance(document[name], list):
        raise CookieFormatError("it is not an array", name)
    elements: list[Any] = document[name]
    return [(f"{name}[{number}]", element) for number, element in enumerate(elements)]


def _read(member: str, element: Any, members: dict[str, str], made: type[_Item]) -> _Item:
    given = _members(member, element, set(members))
    for name, kind in members.items():
        if not _IS[kind](given[name]):
            raise CookieFormatError(f"it is no {kind}", _within(member, name))
    item = made(**given)
    try:
        # The members of a deletion are checked as those of a cookie.
        check_cookie(item if isinstance(item, Cookie) else Cookie(value="", **given))
    except ValueError as error:
        raise CookieFormatError(str(error), member) from None
    return item


def _within(member: str, name: str) -> str:
    return f"{member}.{name}" if member else name


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_time(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) <= _NUMBER_MAX


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _NUMBER_MAX


def _is_time_or_null(value: Any) -> bool:
    return value is None or _is_time(value)


_IS: Final = {
    "text": _is_text,
    "flag": _is_flag,
    "time": _is_time,
    "time or null": _is_time_or_null,
    "count": _is_count,
}
