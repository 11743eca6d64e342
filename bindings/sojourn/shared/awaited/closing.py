"""Closing at the end of ``async with``."""

from __future__ import annotations

from typing import Self


class Closing:
    """Is closed when the block ends that it was entered with."""

    async def close(self) -> None:
        """Let go of the connection, without waiting for the peer. What was not read is lost."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
