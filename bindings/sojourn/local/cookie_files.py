"""Jars in files: written whole or not at all, readable for their owner alone, never pickled."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from sojourn_core.rules.cookies import (
    CookieFormatError,
    CookieJar,
    cookies_from_json,
    cookies_to_json,
    format_cookies_txt,
    parse_cookies_txt,
)
from sojourn_core.values.limits import DEFAULT_LIMITS

from .locks import new_reentrant_lock
from .public_suffixes import is_public_suffix

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn_core.values.decision import Decision
    from sojourn_core.values.limits import Limits

Format: TypeAlias = Literal["json", "netscape"]

# A full jar with the default limits is below 32 MiB, escapes and records included.
FILE_SIZE_MAX: Final = 64 * 1024 * 1024


class CookieFileError(ValueError):
    """A file does not hold cookies. The message names it and the line, and no value.

    Attributes:
        path: The file.
        line: The line, from 1; None if it is not known.
    """

    def __init__(self, path: str, reason: str, line: int | None = None) -> None:
        super().__init__(path, reason, line)
        self.path = path
        self.reason = reason
        self.line = line

    def __str__(self) -> str:
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.path}{line}: {self.reason}"


def save_cookies(
    jar: Any,
    path: str | os.PathLike[str],
    *,
    format: Format = "json",  # noqa: A002 - the word that callers look for
) -> None:
    """Write the cookies of a jar to a file that its owner alone may read.

    The file is complete at any moment: a new one takes the old one's place. A link there is
    replaced, and not followed.

    Args:
        jar: A jar, or one of ``http.cookiejar``.
        path: Where to; its folder is there.
        format: ``json`` for all that a jar knows, ``netscape`` for the ``cookies.txt`` of curl,
            which has no SameSite, no deletions, and no cookies without a domain.

    Raises:
        OSError: It cannot be written; what was there is there still.
        ValueError: The format is unknown.
    """
    if not isinstance(jar, CookieJar):
        from .standard_jars import from_standard

        jar = from_standard(jar)
    if format == "json":
        data = cookies_to_json(jar).encode()
    elif format == "netscape":
        data = format_cookies_txt(jar).encode("latin-1")  # Bytes, as they came.
    else:
        raise ValueError(f"the format {format!r} is neither 'json' nor 'netscape'")
    _replace_file(Path(path), data)


def load_cookies(
    path: str | os.PathLike[str],
    *,
    now: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
    is_public_suffix: Callable[[str], bool] | None = is_public_suffix,
    decisions: list[Decision] | None = None,
    size_max: int = FILE_SIZE_MAX,
) -> CookieJar:
    """Read the jar of a file, whichever of the two formats it has.

    Of a ``cookies.txt`` what is not a cookie is skipped, as by curl and browsers, unless nothing
    else is there; of JSON nothing is. It may have lines of a header instead, ``Set-Cookie: a=1``.

    A cookie is left out that no host might set: one for a public suffix, or one that is not what
    the prefix of its name promises. Of JSON these are only cookies that a server has set.

    Args:
        path: Where from.
        now: Seconds since 1970; the clock's, if it is not given. Ended cookies of a
            ``cookies.txt`` are left out.
        limits: Of the jar. A file may hold more cookies than they admit; these go when the next
            is stored.
        is_public_suffix: Of the jar; that of sessions, if nothing is said.
        decisions: Where to report what is left out; see ``parse_cookies_txt``.
        size_max: The most bytes of the file.

    Raises:
        CookieFileError: What is there is not a jar, or is too large.
        OSError: It cannot be read.
    """
    data = _read_file(Path(path), size_max)
    shown = os.fspath(path)
    line: int | None
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        try:
            text = data.decode()
            jar = cookies_from_json(
                text, limits=limits, is_public_suffix=is_public_suffix, decisions=decisions
            )
            return _guarded(jar)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            reason = "it is not UTF-8"  # Not "from error": it has the whole file.
        except CookieFormatError as error:
            line, reason = error.line, str(error)
        raise CookieFileError(shown, reason, line) from None
    reports: list[Decision] = []
    cookies = parse_cookies_txt(
        data.decode("latin-1"),
        time.time() if now is None else now,
        reports,
        limits=limits,
        is_public_suffix=is_public_suffix,
    )
    if not cookies:
        for report in reports:
            if report.code == "cookie.skipped.malformed":
                line = int(report.subject.removeprefix("line "))
                raise CookieFileError(shown, "it is neither a cookie nor JSON", line)
    if decisions is not None:
        decisions.extend(reports)
    return _guarded(
        CookieJar.restored(
            cookies, [], latest=0.0, limits=limits, is_public_suffix=is_public_suffix
        )
    )


def _guarded(jar: CookieJar) -> CookieJar:
    """Give a jar a lock of its own and the clock: threads may use it before a session has it."""
    jar.guard = new_reentrant_lock()
    jar.wall = time.time
    return jar


def _read_file(path: Path, size_max: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(size_max + 1)
    if len(data) > size_max:
        raise CookieFileError(os.fspath(path), f"it is larger than {size_max} bytes")
    return data


def _replace_file(path: Path, data: bytes) -> None:
    """Put a file there in one step, readable for its owner alone from the beginning."""
    # In the same folder, for a file cannot be renamed from one file system to another.
    made = path.with_name(f".{path.name}.{os.urandom(8).hex()}.new")
    # O_EXCL: it is new, and no link of somebody else's.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(made, flags | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        made.replace(path)
    except BaseException:
        with suppress(OSError):
            made.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name last, where folders can be opened."""
    if os.name == "nt":
        return
    # The file is there by now; a file system that cannot do this has no more to promise.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
