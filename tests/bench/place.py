"""The place where peers do their work: servers, files, and how much there is to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final, Self

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The sizes of a run.

    Attributes:
        download: Bytes of a download.
        upload: Bytes of an upload.
        held: How many requests the server holds before it answers them all.
        warm_up: How many requests each peer sends before it is measured, for each in flight:
            caches are full then, and branches are taken.
    """

    download: int = 256 * MEBIBYTE
    upload: int = 64 * MEBIBYTE
    held: int = 1000
    warm_up: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """All that a peer is told.

    Attributes:
        http: The server, as the beginning of a URL.
        https: The same server over TLS.
        holding: The server that holds requests until there are enough of them.
        ca: File with the authority that has issued the server's certificate.
        bundle: File with that authority among all those that a client usually trusts.
        upload: File to upload.
        bytecode: Folder for the bytecode of whatever peers import.
        sizes: How much there is to do.
    """

    http: str
    https: str
    holding: str
    ca: str
    bundle: str
    upload: str
    bytecode: str
    sizes: Sizes

    def to_text(self) -> str:
        """Write it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Read what ``to_text`` has written."""
        values = json.loads(text)
        return cls(**{**values, "sizes": Sizes(**values["sizes"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The purpose that a client is made for.

    Attributes:
        base: Beginning of every URL that it is asked for.
        ca: File with the authorities to trust; None leaves the client's default.
        flight: How many requests it has in flight at most.
        gzip: Whether a client that does not ask for compressed content by itself is told to.
    """

    base: str
    ca: str | None = None
    flight: int = 64
    gzip: bool = False
