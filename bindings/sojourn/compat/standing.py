"""A session for whoever has the methods of redirects, and ``send``, and nothing else.

Programs derive from ``SessionRedirectMixin`` alone to follow redirects over a transport of theirs.
"""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any

from .cookies import cookiejar_from_dict

if TYPE_CHECKING:
    from .session_types import SessionTypes as Session


def session_of(mixin: Any, base: type[Session]) -> Session:
    """Return a session whose methods are those of an object, where it has them.

    It shares the object's attributes; those of a session that are missing there are set.

    Args:
        mixin: The object.
        base: The class of sessions, which has the other methods.
    """
    name = mixin.__class__.__name__
    kind: Any = type(name, (mixin.__class__, base), {})
    made: Session = kind.__new__(kind)
    attributes = mixin.__dict__
    for name, value in base().__dict__.items():
        attributes.setdefault(name, value)
    made.__dict__ = attributes
    if not isinstance(attributes["cookies"], CookieJar):
        made.cookies = cookiejar_from_dict(attributes["cookies"])
    return made
