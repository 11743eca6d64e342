"""The exceptions of Requests, which are Sojourn's own, and its warnings.

``sojourn_core.errors`` draws the tree. ``ContentDecodingError`` lacks a base that it has in
Requests, urllib3's ``HTTPError``; what is raised has it, if the program has imported urllib3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sojourn import exceptions as _own

from .borrowed import borrowed

if TYPE_CHECKING:
    from .error_types import *  # noqa: F403 - the same names
else:
    from sojourn.exceptions import *  # noqa: F403 - all of them, later additions included

__all__ = ["FileModeWarning", "RequestsDependencyWarning", "RequestsWarning"]
__all__ += _own.__all__


class RequestsWarning(Warning):
    """The base of Requests' warnings."""


class FileModeWarning(RequestsWarning, DeprecationWarning):
    """A file to be sent was opened as text, and its length was measured in bytes."""


class RequestsDependencyWarning(RequestsWarning):
    """A package has another version than expected. Sojourn never warns of it."""


def __getattr__(name: str) -> Any:
    return borrowed(__name__, name)
