"""The session for trio, its transport and its responses."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from sojourn.shared.adapter_base import AdapterInterface
from sojourn.shared.awaited.adapter import AwaitedAdapter
from sojourn.shared.awaited.marked import know_as_coroutines
from sojourn.shared.awaited.pieces import AwaitedPieces
from sojourn.shared.awaited.response import AwaitedResponse
from sojourn.shared.awaited.session import AwaitedSession, complete

from .backend import TrioBackend, now


class Pieces(AwaitedPieces):
    """Hands up the pieces of an iterable or of an asynchronous one, with trio's deadlines."""

    __slots__ = ()
    backend = TrioBackend()  # Of no run: it is asked for the time, and for scopes of time.


class Response(AwaitedResponse):
    """The response to one request; the core's class describes what its head gives.

    ``content``, ``text`` and ``json()`` are there once the content was read: by the session, or
    with ``await response.read()`` if it was asked to stream. Who leaves an iterator of it before
    its end closes it: ``async with contextlib.aclosing(response.iter_content()) as pieces``.
    """

    pieces_class = Pieces


class BaseAdapter(AdapterInterface[Coroutine[Any, Any, Response]]):
    """The interface of a transport: ``sojourn.BaseAdapter``, both methods awaited."""


class HTTPAdapter(AwaitedAdapter[Response]):
    """The transport of sessions of trio; its arguments are those of ``sojourn.HTTPAdapter``."""

    backend_class = TrioBackend
    response_class = Response


class Session(AwaitedSession[Response]):
    """Requests that share settings, cookies and connections.

    It belongs to the run of trio that it is first used in. Any of its tasks may use it, and any
    scope may cancel what it awaits; its deadlines are times of trio's clock. The arguments are
    settings that can be given at once; see the core's ``Session`` for the attributes.

    Args:
        policy: The choices on which clients differ.
        limits: What a peer may send.
        timeout: For calls that say nothing of time; the policy's if it is not given.
        pool: How many connections are kept.
        resolver: As in ``sojourn.Session``; it may be a coroutine function.
        retries: As in ``sojourn.Session``.
        limit: As in ``sojourn.Session``.
        socket: As in ``sojourn.Session``.
        hedge: As in ``sojourn.Session``.
    """

    adapter_class = HTTPAdapter
    clock = staticmethod(now)


know_as_coroutines(HTTPAdapter, "send")
HTTPAdapter._own_send = HTTPAdapter.send  # pyright: ignore[reportPrivateUsage] - of its own base
complete(Session)
