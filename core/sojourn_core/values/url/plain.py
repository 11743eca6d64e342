"""Plain URLs and references: those in which nothing has to be encoded, decoded or refused.

Nearly every URL is one. They are recognised by one regular expression, and what its groups hold is
normal already. All quantifiers are possessive, so that no input makes an expression backtrack.
Dot segments are not looked for here: a text with ``/.`` in it is for the long way.
"""

from __future__ import annotations

import re
from typing import Final

from sojourn_core.values.expressions import expression

from .authority import IPV4_PATTERN

# The escapes of characters that are not unreserved, with digits in either case.
_HEX: Final = "[0-9A-Fa-f]"
_ESCAPE: Final = rf"%(?:[0189A-Fa-f]{_HEX}|2[0-9A-CFa-cf]|3[A-Fa-f]|[46]0|5[B-Eb-e]|7[B-DFb-df])"
_IN_PATH: Final = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|{_ESCAPE})*+"
_IN_QUERY: Final = rf"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]++|{_ESCAPE})*+"
_AFTER_PATH: Final = rf"(?:\?({_IN_QUERY}))?(?:#({_IN_QUERY}))?"
_LABEL: Final = "(?!xn--)[a-z0-9_-]{1,63}"

# Groups: scheme, host, port, path, query, fragment.
PLAIN_URL: Final = re.compile(
    rf"(https?)://((?:{_LABEL}\.)*(?!xn--)[a-z][a-z0-9_-]{{0,62}}|{IPV4_PATTERN})"
    rf"(?::([1-9][0-9]{{0,4}}))?(/{_IN_PATH})?{_AFTER_PATH}"
)
# A reference that begins with one slash. Groups: path, query, fragment.
PLAIN_LOCATION: Final = expression(rf"(/(?!/){_IN_PATH}){_AFTER_PATH}")
