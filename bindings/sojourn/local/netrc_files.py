"""Finds and reads the netrc file: as the core reads it, or as Python's ``netrc`` for a drop-in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TypeAlias

from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sojourn_core.values.netrc import Entry, Netrc

NETRC_FILES: Final = ("~/.netrc", "~/_netrc")
NETRC_SIZE_MAX: Final = 1024 * 1024

# Device, inode, mtime and ctime in nanoseconds, size: a file renamed into place, or made readable,
# is another one.
FileState: TypeAlias = tuple[int, int, int, int, int]


class _Read(NamedTuple):
    """A file as it was read last."""

    found: tuple[str, FileState]
    netrc: Netrc


_as_python: _Read | None = None


def netrc_candidates(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return where a netrc file may be; the first that exists counts. ``NETRC`` stands alone."""
    named = variables.get("NETRC")
    places = NETRC_FILES if named is None else (named,) if named else ()
    found = tuple(os.path.expanduser(place) for place in places)  # noqa: PTH111  # pathlib takes a while to load.
    return () if any(place.startswith("~") for place in found) else found  # Nobody knows home.


def find_netrc(candidates: tuple[str, ...]) -> tuple[str, FileState] | None:
    """Return the first candidate that exists, and its state.

    ``os.access`` says "no" in half the time that ``os.stat`` takes to raise, and usually there is
    no netrc file.
    """
    for path in candidates:
        if os.access(path, os.F_OK):
            try:
                made = os.stat(path)  # noqa: PTH116  # Path.stat takes twice as long.
            except OSError:  # It has gone in between.
                continue
            state = (made.st_dev, made.st_ino, made.st_mtime_ns, made.st_ctime_ns, made.st_size)
            return path, state
    return None


def read_netrc(path: str) -> Netrc:
    """Read a file; what cannot be read of it, be it all of it, is in the value's reports."""
    from sojourn_core.values.netrc import parse_netrc, unread_netrc  # Most machines have no file.

    try:
        with open(path, "rb") as file:  # noqa: PTH123
            data = file.read(NETRC_SIZE_MAX + 1)
    except OSError as error:
        return unread_netrc(_unread(error))
    if len(data) > NETRC_SIZE_MAX:
        return unread_netrc(f"the file is larger than {NETRC_SIZE_MAX} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:  # Older files are in the charset of their country.
        text = data.decode("latin-1")
    return parse_netrc(text)


def read_netrc_as_python() -> Netrc | None:
    """Return what Python's ``netrc`` reads of the file, once for as long as it is the same.

    A file with one fault is as good as none there. Which of two entries for one host counts, and
    what a backslash means, is Python's affair, too. A password that is not there is an empty one.

    Returns:
        The entries, or the reason why there are none as a report; None if there is no file.
    """
    global _as_python  # noqa: PLW0603 - replaced as a whole, so that no lock is needed
    found = find_netrc(netrc_candidates(os.environ))
    if found is None:
        return None
    kept = _as_python
    if kept is None or kept.found != found:
        kept = _as_python = _Read(found, _read_as_python(found[0]))
    return kept.netrc


def with_passwords(read: Netrc, ours: Netrc) -> Netrc:
    """Return what Python read, but for empty passwords that the file does not have.

    Python does not tell a password that is missing from one that is empty, and the own reader does.
    Of several entries for one host, Python's is the last one.
    """
    machines: dict[str, Entry] = {}
    for name, entry in read.machines.items():
        known = (ours.machines.get(name), *ours.further.get(name, ()))[-1]
        machines[name] = _with_password(entry, known)
    default = read.default
    if default is not None:
        default = _with_password(default, ours.default)
    return replace(read, machines=machines, default=default)


def _with_password(entry: Entry, ours: Entry | None) -> Entry:
    missing = not entry[1] and ours is not None and ours[1] is None
    return (entry[0], None) if missing else entry


def get_netrc_auth(url: str | bytes, raise_errors: bool = False) -> tuple[str, str] | None:
    """Return login and password that the netrc file has for the host of a URL, as in Requests.

    Raises:
        netrc.NetrcParseError, OSError, UnicodeError: The file cannot be read, and ``raise_errors``
            is true.
        ValueError: The URL cannot be read.
    """
    if isinstance(url, bytes):
        url = url.decode()
    if raise_errors:
        found = find_netrc(netrc_candidates(os.environ))
        read = None if found is None else _parsed_by_python(found[0])
    else:
        read = read_netrc_as_python()
    if read is None:
        return None
    from urllib.parse import urlsplit  # It loads ipaddress.

    host = urlsplit(url).hostname
    return None if host is None else read.lookup(host)


def _read_as_python(path: str) -> Netrc:
    from netrc import NetrcParseError

    from sojourn_core.values.netrc import Netrc, report_on_line, unread_netrc

    try:
        return _parsed_by_python(path)
    except NetrcParseError as error:
        # Python counts the line after if the word is the last of its line; we have it right.
        ours = read_netrc(path).reports
        reason = "Python's netrc cannot read it, and nothing else of the file then"
        return Netrc(reports=ours[:1] or (report_on_line(error.lineno or 1, reason),))
    except OSError as error:
        return unread_netrc(_unread(error))
    except UnicodeError:
        return unread_netrc("the file is in no charset that is known here")


def _parsed_by_python(path: str) -> Netrc:
    from netrc import netrc

    from sojourn_core.values.netrc import Netrc

    machines = {
        name: (login or account, password)
        for name, (login, account, password) in netrc(path).hosts.items()
    }
    return Netrc(machines, machines.pop("default", None))


def _unread(error: OSError) -> str:
    return f"the file cannot be read: {error.strerror or type(error).__name__}"
