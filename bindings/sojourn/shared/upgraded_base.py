"""The stream of a response that switched protocols, without its waiting."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

from sojourn_core.exchange.handover import Handover
from sojourn_core.values.errors import LocalProtocolError, RequestException
from sojourn_core.values.timeouts import deadline_at

if TYPE_CHECKING:
    from collections.abc import Generator

    from sojourn_core.values.timeouts import Timeouts

RECEIVE_SIZE: Final = 64 * 1024


class UpgradedBase:
    """A stream that was handed over: after a 101, or a 2xx to CONNECT.

    It holds a connection of the pool, which is closed with it.
    One may send while another receives; two that send at a time, or receive, are not kept apart.

    Args:
        driver: The driver of an exchange that has handed up a ``Switch``.
    """

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._over = Handover(driver.exchange)
        self._left = self._over.leftover
        self._ended = self._over.ended
        self._closed = False
        self._records = threading.Lock()  # One OpenSSL object has both directions.
        driver.exchange.watch(partial(ref, driver))

    @property
    def closed(self) -> bool:
        """It was closed on this side."""
        return self._closed

    @property
    def timeouts(self) -> Timeouts:
        """The seconds for which the peer may be silent (``read``), and take in nothing (``write``).

        At first they are those of the request.
        """
        return self._over.timeouts

    @timeouts.setter
    def timeouts(self, timeouts: Timeouts) -> None:
        self._over.timeouts = timeouts

    def _check(self) -> None:
        if self._closed:
            raise LocalProtocolError("the stream was closed")

    def _encode(self, data: bytes) -> bytes:
        self._check()
        with self._records:
            return self._over.encode(data)

    def _decode(self, data: bytes) -> bytes:
        with self._records:
            plain = self._over.decode(data)
        self._ended = self._over.ended or not data
        return plain

    def _at_hand(self, limit: int) -> bytes | None:
        """Return what is there, none at the end; None if more must be received."""
        self._check()
        if not self._left and not self._ended:
            return None
        data, self._left = self._left[:limit], self._left[limit:]
        return data

    def _deadline(self, seconds: float | None) -> float:
        return deadline_at(self._driver.adapter.clock(), seconds)

    @contextmanager
    def _telling(self, *, writing: bool) -> Generator[None]:
        """Make the errors of a transfer those of a request."""
        try:
            yield
        except RequestException:
            raise
        except TimeoutError as error:
            raise self._over.timed_out(writing=writing) from error
        except OSError as error:
            self._check()
            raise self._over.lost(error) from error

    def _let_go(self) -> None:
        self._closed = True
        self._left = b""
        self._driver.abandon()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{', closed' if self._closed else ''}>"
