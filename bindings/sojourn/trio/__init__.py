"""The binding for trio: ``async with sojourn.trio.Session() as session``.

It needs the extra ``trio``, and loads nothing of asyncio. The names are those of the package
without their ``Async``.
"""

from .session import BaseAdapter, HTTPAdapter, Response, Session

__all__ = ["BaseAdapter", "HTTPAdapter", "Response", "Session"]
