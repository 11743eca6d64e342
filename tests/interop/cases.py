"""The cases that are tried with each server: a name, a sentence, and what must hold.

A case asks the paths of ``sites``. Each is tried with a session of its own.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .sites.content import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .visits import Visit

UPLOAD_SIZE: Final = 10 * 1024 * 1024
REFUSED_SIZE: Final = 20 * 1024 * 1024  # Above the limit of each server.
HEAD_SIZE: Final = 1536 * 1024  # Above the limit of each server, too.
PIECE: Final = b"a sieve " * 8192
KEPT_TIMES: Final = 5
EXPECT: Final = {"Expect": "100-continue"}
PLAIN: Final = {"Accept-Encoding": None}  # No content coding, please.


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is tried.

    Attributes:
        name: As the page and the tests have it.
        claim: What holds if it passes, for the page.
        run: Tries it; an error means that it does not hold.
    """

    name: str
    claim: str
    run: Callable[[Visit], None]


def keep_alive(visit: Visit) -> None:
    """Ask some times, on one connection."""
    assert visit.get("/text", headers=PLAIN).content == TEXT
    first = visit.kept
    assert first is not None, "the connection is closed"
    for _ in range(KEPT_TIMES - 1):
        assert visit.get("/text", headers=PLAIN).content == TEXT
        assert visit.kept is first, "another connection is used"


def chunked(visit: Visit) -> None:
    """Read content that has no length."""
    response = visit.get("/pieces", headers=PLAIN)
    assert response.headers["Transfer-Encoding"].lower() == "chunked"
    assert "Content-Length" not in response.headers
    assert (response.status_code, response.content) == (200, TEXT)
    _goes_on(visit)


def head(visit: Visit) -> None:
    """Ask for the head alone."""
    response = visit.ask("HEAD", "/text", headers=PLAIN)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers.get("Content-Length", str(len(TEXT))) == str(len(TEXT))
    _goes_on(visit)


def not_modified(visit: Visit) -> None:
    """Ask whether there is anything new."""
    etag = visit.get("/text", headers=PLAIN).headers["ETag"]
    response = visit.get("/text", headers=PLAIN | {"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == etag
    _goes_on(visit)


def compressed(visit: Visit) -> None:
    """Ask for gzip, and have it taken off."""
    response = visit.get("/text", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert (response.status_code, response.content) == (200, TEXT)
    _goes_on(visit)


def abandoned(visit: Visit) -> None:
    """Close a response before its end, and ask for another."""
    response = visit.get("/pieces", headers=PLAIN, stream=True)
    assert visit.binding.first(response.iter_content(10)) == TEXT[:10]
    visit.close(response)
    assert visit.get("/text", headers=PLAIN).content == TEXT


def upload(visit: Visit) -> None:
    """Upload content of a known length."""
    _take(visit, b"".join(pieces(UPLOAD_SIZE)), "Content-Length")


def chunked_upload(visit: Visit) -> None:
    """Upload content that comes from a generator."""
    _take(visit, visit.binding.upload(lambda: pieces(UPLOAD_SIZE)), "Transfer-Encoding")


def refused(visit: Visit) -> None:
    """Have an upload refused while it goes on."""
    response = visit.ask("POST", "/refused", data=b"".join(pieces(REFUSED_SIZE)))
    assert response.status_code == 413
    assert visit.get("/text", headers=PLAIN).content == TEXT


def large_head(visit: Visit) -> None:
    """Have a request refused whose head is larger than any server reads."""
    # Its content is left: some reset the connection while they send it.
    response = visit.get("/text", headers={"X-Long": "sieve" * (HEAD_SIZE // 5)}, stream=True)
    assert 400 <= response.status_code < 500, f"it answers {response.status_code}"
    visit.close(response)
    assert visit.get("/text", headers=PLAIN).content == TEXT


def last(visit: Visit) -> None:
    """Say that there is nothing more to come on this connection."""
    response = visit.get("/text", headers=PLAIN | {"Connection": "close"})
    assert (response.status_code, response.content) == (200, TEXT)
    assert visit.kept is None, "the connection is kept"
    assert visit.get("/text", headers=PLAIN).content == TEXT


def expected(visit: Visit) -> None:
    """Upload content once the server has said that it wants it."""
    seen: list[int] = []

    def see(response: Any) -> None:
        seen.append(response.status_code)

    content = b"".join(pieces(UPLOAD_SIZE))
    _take(visit, content, "Content-Length", headers=EXPECT, hooks={"informational": see})
    # A server before another one may pass on a second.
    assert set(seen) == {100}, f"it sends {seen}"


def unexpected(visit: Visit) -> None:
    """Keep content that the server does not want."""
    content = Watched(b"".join(pieces(REFUSED_SIZE)))
    response = visit.ask("POST", "/refused", data=content, headers=EXPECT)
    assert response.status_code == 413
    assert content.taken == 0, "the content is sent"
    assert visit.get("/text", headers=PLAIN).content == TEXT


class Watched(io.BytesIO):
    """A file that knows how much of it was read.

    Attributes:
        taken: Bytes that were read.
    """

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and count it."""
        piece = super().read(size)
        self.taken += len(piece)
        return piece


CASES: Final = (
    Case("keep-alive", f"{KEPT_TIMES} requests in a row use one connection", keep_alive),
    Case("chunked", "content without a length is read to its end", chunked),
    Case("HEAD", "a response to HEAD has no content, and the connection is kept", head),
    Case("304", "so it is with 304, for an If-None-Match", not_modified),
    Case("gzip", "a content coding that was asked for is taken off", compressed),
    Case(
        "abandoned",
        "a response is closed before its end, and the next request is answered",
        abandoned,
    ),
    Case("upload", "10 MiB arrive, by size and SHA-256", upload),
    Case("upload in chunks", "so do 10 MiB from a generator, without a length", chunked_upload),
    Case(
        "early refusal",
        "a 413 during an upload of 20 MiB is read, and the next request is answered",
        refused,
    ),
    Case("Expect", "10 MiB are sent after 100 (Continue), which was asked for", expected),
    Case("Expect, refused", "20 MiB are not sent after a 413 in its place", unexpected),
    Case(
        "large head",
        "a request with a head of 1.5 MiB is answered by 4xx, and so is the next one by 200",
        large_head,
    ),
    Case("close", "Connection: close is heeded by both sides", last),
)


def pieces(size: int) -> Iterator[bytes]:
    """Generate content of so many bytes."""
    for _ in range(size // len(PIECE)):
        yield PIECE


def _take(visit: Visit, content: Any, framing: str, **options: Any) -> None:
    response = visit.ask("PUT", "/upload", data=content, **options)
    assert framing in response.request.headers
    expected = hashlib.sha256(b"".join(pieces(UPLOAD_SIZE))).hexdigest()
    assert (response.status_code, response.text) == (200, f"{UPLOAD_SIZE} {expected}")
    _goes_on(visit)


def _goes_on(visit: Visit) -> None:
    """Use the connection again, or see that the server has closed it where it is known to."""
    first = visit.kept
    if visit.closes:
        assert first is None, "the connection is kept"
        assert visit.get("/text", headers=PLAIN).content == TEXT
        return
    assert first is not None, "the connection is closed"
    assert visit.get("/text", headers=PLAIN).content == TEXT
    assert visit.kept is first, "another connection is used"
