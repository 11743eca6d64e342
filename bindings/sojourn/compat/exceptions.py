"""The exceptions of Requests, which are Sojourn's own, and its warnings.

The tree is drawn in ``sojourn_core.errors``. ``ContentDecodingError`` alone has a base less than in
Requests: urllib3's ``HTTPError``.
"""

from __future__ import annotations

from typing import Any

from sojourn import exceptions as _own
from sojourn.exceptions import *  # noqa: F403 - all of them, whatever is added there

from .borrowed import borrowed

__all__ = ["FileModeWarning", "RequestsDependencyWarning", "RequestsWarning"]
__all__ += _own.__all__


class RequestsWarning(Warning):
    """Something that is not as it should be."""


class FileModeWarning(RequestsWarning, DeprecationWarning):
    """A file that is sent was opened as text, and its length was taken in octets."""


class RequestsDependencyWarning(RequestsWarning):
    """A package of another version than expected. Nothing here gives it."""


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
