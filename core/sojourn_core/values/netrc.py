"""Credentials by host, as a netrc file has them. A binding reads the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from .decision import Decision
from .expressions import expression
from .record import field, record
from .value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry: TypeAlias = tuple[str | None, str | None]

REPORTS_MAX: Final = 16

_NOTHING: Final[Entry] = (None, None)
_BLANKS: Final = expression(r"[ \t\r\n]*")
# A word in quotes ends on its line. One that only begins with a quote is no word.
_WORD: Final = expression(r'"((?:[^"\\\n]|\\[^\n])*)"|([^" \t\r\n][^ \t\r\n]*)')
_ESCAPE: Final = expression(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_ENDS: Final = frozenset({"machine", "default", "macdef"})  # Each begins something else.
_PARTS: Final = frozenset({"login", "user", "account", "password"})


@record(frozen=True)
class Netrc(Value):
    """The credentials of a netrc file, as a value.

    Attributes:
        machines: Login and password of the first entry of each host name. The login is the account
            where the file has no login; what the file does not have is None. Names are kept in
            lower case and without the brackets of an IPv6 address; of two that differ in case
            alone, the one given in lower case counts.
        default: Login and password of the ``default`` entry, or None if there is none.
        further: The entries of a host name after its first.
        reports: The lines that were skipped, or why the file was not read. No report has a word of
            the file.
    """

    machines: Mapping[str, Entry] = field(default_factory=dict[str, Entry])
    default: Entry | None = None
    further: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict[str, "tuple[Entry, ...]"])
    reports: tuple[Decision, ...] = ()

    def __post_init__(self) -> None:
        kept: dict[str, Entry] = {}
        for name, entry in self.machines.items():
            known = _host(name)
            if known not in kept or known == name:
                kept[known] = entry
        # Copies: the caller's may change.
        object.__setattr__(self, "machines", kept)
        object.__setattr__(
            self, "further", {_host(name): more for name, more in self.further.items()}
        )

    def lookup(self, host: str, login: str | None = None) -> tuple[str, str] | None:
        """Return login and password for a host, one of which may be empty; None for none.

        An entry without a password says that the host has none. So does one with an empty login
        and an empty password. ``default`` is not asked then, as in Requests.

        Args:
            host: As in ``URL``: without a port. Brackets around an IPv6 address are taken off.
            login: The login to find the password of; without it the first entry counts.
        """
        name = _host(host)
        entry = self.machines.get(name, self.default)
        if login is not None and entry is not None and entry[0] != login:
            further = self.further.get(name, ())
            entry = next((another for another in further if another[0] == login), None)
        if entry is None:
            return None
        known, password = entry
        if password is None or not (known or password):
            return None
        return known or "", password

    def __bool__(self) -> bool:
        """It has an entry."""
        return bool(self.machines) or self.default is not None

    def __repr__(self) -> str:
        default = "" if self.default is None else " and a default"
        return f"<Netrc of {len(self.machines)} machines{default}>"


def _host(name: str) -> str:
    return name.lower().removeprefix("[").removesuffix("]")


def parse_netrc(text: str) -> Netrc:
    r"""Read the text of a netrc file, and skip what cannot be read; linear in its size.

    A file is words: ``machine name``, ``default`` and ``macdef name`` begin an entry, ``login``,
    ``user``, ``account`` and ``password`` with a value each make one. A word is taken as it
    stands; within double quotes it may have blanks, and ``\"``, ``\\``, ``\n``, ``\r`` and ``\t``
    stand for what they stand for in curl. ``#`` in the place of a keyword begins a comment. A
    macro ends with an empty line, or with the file.

    A word that is none of these is skipped. If it stands right behind a password, on one line, it
    may be a part of that, and the entry is left out; so is one with a quote that does not end. A
    host that has only such entries has no credentials, those of ``default`` included.

    Returns:
        The entries, in the order of the file, and a report on each line that was skipped, the
        first ``REPORTS_MAX`` of them.

    Sources: curl's documentation (https://everything.curl.dev/usingcurl/netrc.html); POSIX has
    none.
    """
    return _Reading(text).read()


class _Reading:
    """One pass over the text of a file."""

    __slots__ = ("_at", "_began", "_counted", "_line", "_reports", "_text", "_unended")

    def __init__(self, text: str) -> None:
        self._text = text.removeprefix("\ufeff")
        self._at = 0
        self._began = 0  # The start of the last word.
        self._counted = 0  # Up to where the lines were counted.
        self._line = 1
        self._unended = False
        self._reports: dict[int, Decision] = {}

    def read(self) -> Netrc:
        entries: dict[str, list[Entry]] = {}
        default: Entry | None = None
        left_out: set[str] = set()
        keyword = self._keyword()
        while keyword is not None:
            if keyword == "machine":
                name = self._value()
                entry, keyword = self._entry()
                if name is None:
                    continue
                if entry is None:
                    left_out.add(_host(name))
                else:
                    entries.setdefault(_host(name), []).append(entry)
            elif keyword == "default":
                entry, keyword = self._entry()
                default = default or entry
            elif keyword == "macdef":
                self._skip_macro()
                keyword = self._keyword()
            else:
                self._report("it has a word that is no keyword")
                keyword = self._keyword()
        machines: dict[str, Entry] = dict.fromkeys(left_out, _NOTHING)
        machines.update((name, several[0]) for name, several in entries.items())
        return Netrc(
            machines,
            default,
            {name: tuple(several[1:]) for name, several in entries.items() if len(several) > 1},
            tuple(self._reports.values()),
        )

    def _entry(self) -> tuple[Entry | None, str | None]:
        """Read the parts of an entry; return it, or None if it is left out, and what comes next."""
        parts: dict[str, str] = {}
        whole = True
        password_ends = -1
        while True:
            keyword = self._keyword()
            if keyword is None or keyword in _ENDS:
                login = parts.get("login") or parts.get("user") or parts.get("account")
                return ((login, parts.get("password")) if whole else None), keyword
            if keyword not in _PARTS:
                self._report("it has a word that is no keyword")
                between = self._text[password_ends : self._began] if password_ends >= 0 else "\n"
                whole = whole and "\n" in between
                password_ends = -1
                continue
            value = self._value()
            password_ends = self._at if keyword == "password" else -1
            if value is None:
                whole = False
            else:
                parts[keyword] = value

    def _keyword(self) -> str | None:
        """Return the next word that is not part of a comment; None at the end."""
        while (word := self._word()) is not None and word.startswith("#"):
            self._skip_line()
        return word

    def _value(self) -> str | None:
        word = self._word()
        if word is None:
            self._report("a keyword has no value")
        return None if self._unended else word

    def _word(self) -> str | None:
        """Return the next word as it is meant; None at the end.

        One that begins with a quote and does not end is empty, and noted in ``_unended``.
        """
        self._unended = False
        blanks = _BLANKS.match(self._text, self._at)
        assert blanks is not None, "it matches nothing, too"
        self._at = self._began = blanks.end()
        if self._at == len(self._text):
            return None
        found = _WORD.match(self._text, self._at)
        if found is None:
            self._unended = True
            self._report("a quote does not end")
            self._skip_line()
            return ""
        quoted, plain = found.groups()
        self._at = found.end()
        if quoted is None:
            return plain
        return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), quoted)

    def _skip_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _skip_macro(self) -> None:
        """Skip the lines up to the first empty one."""
        text = self._text
        while self._at < len(text):
            self._skip_line()
            self._at += 1
            if text.startswith(("\n", "\r\n"), self._at):
                return

    def _report(self, reason: str) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        if len(self._reports) < REPORTS_MAX:
            self._reports.setdefault(self._line, report_on_line(self._line, reason))


def report_on_line(line: int, reason: str) -> Decision:
    """Build the report that a line of a netrc file, counted from 1, was skipped."""
    return Decision(code="netrc.skipped.malformed", subject=f"netrc, line {line}", reason=reason)


def unread_netrc(reason: str) -> Netrc:
    """Build the value of a file that cannot be read at all."""
    report = Decision(code="netrc.skipped.unreadable", subject="netrc", reason=reason)
    return Netrc(reports=(report,))
