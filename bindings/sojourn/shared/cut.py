"""A response that somebody has closed before its end, and whoever asks for more of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable


class Cut:
    """The end of a response that was closed before its content had ended.

    Args:
        me: Tells threads, or tasks, from one another.
        name: The name of whoever closes it.
    """

    __slots__ = ("_by", "_me", "_name")

    def __init__(self, me: Callable[[], object], name: str) -> None:
        self._me = me
        self._by = me()
        self._name = name

    def refuse_others(self) -> None:
        """Let whoever has closed it find the end; it is no end for anybody else.

        Raises:
            LocalProtocolError: It names who did.
        """
        if self._me() != self._by:
            raise closed_by(self._name)


def closed_by(name: str) -> LocalProtocolError:
    """Return the error for a reader whose response was closed by somebody else."""
    return LocalProtocolError(f"the response was closed by {name} while it was read")
