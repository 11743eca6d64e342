"""Regular expressions that are compiled when they are first used.

To compile one takes as long as to make several small requests, and a program needs few of them:
what reads a date, a netrc file or a proxy's URL is loaded by many that never meet one.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Late:
    """An expression before its first use; afterwards its methods are those of the compiled one."""

    __slots__ = (
        "_flags",
        "_text",
        "findall",
        "finditer",
        "fullmatch",
        "match",
        "search",
        "split",
        "sub",
    )

    def __init__(self, text: Any, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Compile the expression; asked once for each method, which stays where it is found."""
        method = getattr(re.compile(self._text, self._flags), name)
        if name in _Late.__slots__:
            setattr(self, name, method)
        return method

    def __repr__(self) -> str:
        return f"expression({self._text!r})"


def expression(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression that is compiled when it is first used."""
    return cast("re.Pattern[AnyStr]", _Late(text, flags))
