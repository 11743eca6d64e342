"""Challenges: what a server wants to be shown (RFC 9110 section 11).

The grammar nests one list within another, with commas for both: ``Basic realm="x", a=b, Newauth``.
A list element that is a name, ``=`` and a value belongs to the challenge before it; any other opens
a challenge. So elements are read one by one, each in one pass, and the last challenge stays open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sojourn_core.values.record import field, record
from sojourn_core.values.value import Shown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# No server is known that offers more than a handful of schemes; Digest has nine parameters.
CHALLENGES_MAX: Final = 32
PARAMETERS_MAX: Final = 32

# Possessive quantifiers never give anything back, so that each element costs one pass.
_TCHARS: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_END: Final = r"(?= [ \t]*+ (?: , | \Z ) )"
_SEPARATORS: Final = re.compile(r"[ \t,]*+")
_PARAMETER: Final = re.compile(
    rf"""
    (?P<name> {_TCHARS} ) [ \t]*+ = [ \t]*+
    (?: (?P<token> {_TCHARS} )
      | " (?P<quoted> (?: [\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]
                        | \\ [\t\x20-\x7e\x80-\xff] )*+ ) "
    ) {_END}
    """,
    re.VERBOSE,
)
_SCHEME: Final = re.compile(
    rf"""
    (?P<scheme> {_TCHARS} )
    (?: [ \t]++ (?: (?P<token68> [A-Za-z0-9\-._~+/]++ =*+ ) {_END} )? | {_END} )
    """,
    re.VERBOSE,
)
_AT_END: Final = re.compile(r"[ \t]*+(?:,|\Z)")
# The rest of an element that fits nothing: commas within its quotes do not end it.
_REST: Final = re.compile(r'(?:[^",]++|"(?:[^"\\]|\\.?)*+(?:"|\Z))*+', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


@record(frozen=True, kw_only=True)
class Challenge(Value):
    """One challenge, as it was sent.

    Credentials have the same grammar (RFC 9110 section 11.4), so this is what they are read as too.

    Attributes:
        scheme: The authentication scheme, in lower case.
        params: Value of each parameter, unquoted; names in lower case. One code point for each
            byte; a value can stand in a field, being without control characters.
        token68: What some schemes have in place of parameters, or None.
    """

    scheme: str
    params: Mapping[str, str]
    token68: str | None = None


@record()
class _Open(Shown):
    """A challenge while it is read; ``fits`` says whether it does, so far."""

    scheme: str
    token68: str | None = None
    params: dict[str, str] = field(default_factory=dict[str, str])
    fits: bool = True

    def add(self, parameter: re.Match[str]) -> None:
        """Take a parameter. There is one of each name (RFC 9110 section 11.2)."""
        name = parameter["name"].lower()
        if self.token68 is not None or name in self.params or len(self.params) >= PARAMETERS_MAX:
            self.fits = False
            return
        quoted = parameter["quoted"]
        self.params[name] = parameter["token"] if quoted is None else _ESCAPED.sub(r"\1", quoted)


def parse_challenges(lines: Iterable[str]) -> list[Challenge]:
    """Parse the challenges of WWW-Authenticate or Proxy-Authenticate, in their order.

    Args:
        lines: The value of each field line. A challenge may go on from one to the next, since
            lines are one list (RFC 9110 section 5.3), but a quoted string ends with its line.

    Returns:
        Every challenge that fits the grammar. One that does not, names a parameter twice or has
        more than ``PARAMETERS_MAX`` of them is left out, and so are all beyond ``CHALLENGES_MAX``.

    Nothing that a peer sends makes this raise.

    Sources: RFC 9110 sections 11.2, 11.3 and 11.6.1; section 5.6.1.2 for empty list elements.
    """
    found: list[_Open] = []
    _read(lines, found)
    return [
        Challenge(scheme=each.scheme, params=each.params, token68=each.token68)
        for each in found
        if each.fits
    ]


def parse_parameters(lines: Iterable[str]) -> dict[str, str]:
    """Parse the parameters of Authentication-Info or Proxy-Authentication-Info.

    They are a list without a scheme (RFC 9110 section 11.6.3). Empty if they do not fit.
    """
    whole = _Open("")
    _read(lines, [whole])
    return whole.params if whole.fits else {}


def _read(lines: Iterable[str], found: list[_Open]) -> None:
    """Read each element of the lines into ``found``; its last member is open."""
    for line in lines:
        position = _end_of(_SEPARATORS, line, 0)
        while position < len(line):
            parameter = _PARAMETER.match(line, position)
            if parameter is not None:
                position = parameter.end()
                if found:
                    found[-1].add(parameter)
            else:
                scheme = _SCHEME.match(line, position)
                if scheme is not None:
                    if len(found) >= CHALLENGES_MAX:
                        return
                    found.append(_Open(scheme["scheme"].lower(), scheme["token68"]))
                    position = scheme.end()
                    # The first parameter follows the scheme without a comma.
                    if scheme["token68"] is None and _PARAMETER.match(line, position) is not None:
                        continue
                if _AT_END.match(line, position) is None:
                    if found:
                        found[-1].fits = False
                    position = _end_of(_REST, line, position)
            position = _end_of(_SEPARATORS, line, position)


def _end_of(pattern: re.Pattern[str], line: str, position: int) -> int:
    match = pattern.match(line, position)
    assert match is not None, "the pattern matches nothing as well"
    return match.end()
