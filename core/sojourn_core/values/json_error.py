"""The error for text that is not JSON, which is that of ``json`` too and loads it."""

from __future__ import annotations

import json
from typing import Any

from .errors import InvalidJSONError


class JSONDecodeError(InvalidJSONError, json.JSONDecodeError):
    """The text of a response could not be decoded as JSON.

    Args:
        msg: What is wrong with it, or, if nothing else is given, the whole message.
        doc: The text.
        pos: Where in it, in characters.
        context: As of every error.
    """

    def __init__(self, msg: str, doc: str | None = None, pos: int = 0, **context: Any) -> None:
        json.JSONDecodeError.__init__(self, msg, doc or "", pos)
        if doc is None:
            self.args = (msg,)
        InvalidJSONError.__init__(self, *self.args, **context)

    def __reduce__(self) -> tuple[Any, ...]:
        # As every error: from its message, and then its state, which has the text and the place.
        return (type(self), self.args, self.__dict__.copy())
