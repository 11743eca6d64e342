"""Idle connections of an event loop, looked after now and then, and as their peers end them."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING
from weakref import ref

from sojourn.shared.idling import look_at, seconds_left
from sojourn_core.exchange.pool import LOOK_SECONDS_MIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn.shared.idling import Looked

    from .backend import Backend


class Idling:
    """The timer of a transport, while it has connections. The transport is referred to weakly.

    Args:
        transport: The transport.
        backend: Its event loop.
    """

    def __init__(self, transport: Looked, backend: Backend) -> None:
        self._transport = ref(transport)
        self._backend = ref(backend)
        self._cancel: Callable[[], object] | None = None
        self._soon = False

    def begin(self, transport: Looked) -> None:
        """Look after the transport, unless that has begun."""
        if self._cancel is None:
            self._look_later(seconds_left(transport))

    def soon(self) -> None:
        """Look in a moment: a peer has ended a connection that is not read, and maybe others."""
        if not self._soon and self._cancel is not None:
            self.end()
            self._soon = True
            self._look_later(LOOK_SECONDS_MIN)

    def end(self) -> None:
        """Forget the timer."""
        cancel, self._cancel = self._cancel, None
        self._soon = False
        if cancel is not None:
            cancel()

    def _look_later(self, seconds: float) -> None:
        backend = self._backend()
        if backend is not None and seconds < inf:
            self._cancel = backend.later(seconds, partial(_look, ref(self)))

    def look(self) -> None:
        """Look at the transport, and note when to look again."""
        self._cancel, self._soon = None, False
        transport = self._transport()
        if transport is not None:
            self._look_later(look_at(transport))


def _look(idling: ref[Idling]) -> None:
    found = idling()
    if found is not None:  # The timer outlives what it looks after, if nobody has closed that.
        found.look()
