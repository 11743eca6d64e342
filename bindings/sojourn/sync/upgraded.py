"""The stream of a response that switched protocols, for blocking code."""

from __future__ import annotations

from typing import Self

from sojourn.shared.upgraded_base import RECEIVE_SIZE, UpgradedBase
from sojourn_core.values.errors import RequestException


class UpgradedStream(UpgradedBase):
    """A stream that was handed over: ``response.upgraded``."""

    def send(self, data: bytes) -> None:
        """Send all of these bytes.

        Raises:
            WriteTimeout: The peer takes in nothing for ``timeouts.write`` seconds.
            ConnectionError: The stream is broken.
            LocalProtocolError: It was closed.
        """
        octets = self._encode(data)
        try:
            self._over.stream.write(octets, self._deadline(self.timeouts.write))
        except TimeoutError as error:
            raise self._over.timed_out(writing=True) from error
        except OSError as error:
            self._check()
            raise self._over.lost(error) from error

    def receive(self, limit: int = RECEIVE_SIZE) -> bytes:
        """Return some bytes, at most ``limit``, as soon as there are any; none at the end.

        Raises:
            ReadTimeout: The peer is silent for ``timeouts.read`` seconds.
            ConnectionError: The stream is broken.
            LocalProtocolError: It was closed, perhaps meanwhile.
        """
        while (found := self._at_hand(limit)) is None:
            deadline = self._deadline(self.timeouts.read)
            try:
                self._left = self._decode(self._over.stream.read(RECEIVE_SIZE, deadline))
            except RequestException:
                raise
            except TimeoutError as error:
                raise self._over.timed_out(writing=False) from error
            except OSError as error:
                self._check()
                raise self._over.lost(error) from error
        return found

    def close(self) -> None:
        """Close the stream. Another thread that waits for it is woken, with an error."""
        if not self._closed:
            self._over.stream.interrupt()
            self._let_go()

    shut = close

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
