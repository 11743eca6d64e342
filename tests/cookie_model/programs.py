"""Programs for a jar: what servers set, what requests ask, how time passes. Plain data.

``program(seed)`` is the same for a seed in every run. A program is about few hosts, names and
paths, so that its cookies meet each other; and most have small limits, so that cookies must go.
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any, Final, NamedTuple, TypeAlias

STEPS: Final = 50
START: Final = 1_700_000_000.0

HOSTS: Final = (
    "a.test", "sub.a.test", "deep.sub.a.test", "b.test", "a.test.", "localhost", "192.0.2.7",
    "[2001:db8::1]", "shop.co.uk", "co.uk", "other.shop.co.uk", "github.io", "x.github.io",
)  # fmt: skip
PATHS: Final = (
    "/", "/dir", "/dir/", "/dir/page", "/dir/sub/page", "/directory", "//", "/Dir/", "/dir%2Fx",
    "/?q=/dir/", "",
)  # fmt: skip
SUFFIXES: Final = frozenset({"test", "localhost", "uk", "co.uk", "io", "github.io"})

NAMES: Final = (
    "a", "b", "c", "d", "A", "a b", "a\tb", "\xe4", '"a"', "__Secure-a", "__Host-a", "__secure-a",
    "__HOST-a", "__hOsT-b", "__Host", "_Host-a", "__Host-", "a,b", "Path", "Domain",
)  # fmt: skip
VALUES: Final = (
    "", "1", "2", "x y", "x\ty", '"q"', '"q', "v=w", "=", "==", "\xff\x80", "__Host-v",
    "__secure-v", "%3B", "{}", "1,b=2", "x" * 11, "\xa0",
)  # fmt: skip
DOMAINS: Final = (
    "a.test", ".a.test", "A.Test", "..a.test", "a.test.", "sub.a.test", "deep.sub.a.test", "b.test",
    "test", ".test", "est", "", ".", "localhost", "192.0.2.7", ".192.0.2.7", "0.2.7", "192.0.2.8",
    "[2001:db8::1]", "2001:db8::2", "co.uk", ".co.uk", "shop.co.uk", "SHOP.co.uk", "uk",
    "github.io", "x.github.io", '"a.test"', "\xe4.test", "a.test/", "http://a.test", "x.a.test",
)  # fmt: skip
COOKIE_PATHS: Final = (
    "/", "/dir", "/dir/", "/dir/sub", "/directory", "/Dir", "", "dir", '"/dir"', "//", "/dir%2Fx",
    "/dir%2fx", "/?q", "/" + "p" * 1023, "/" + "p" * 1024,
)  # fmt: skip
AGES: Final = (
    "0", "-1", "-0", "1", "5", "60", "05", "3600", "34559999", "34560000", "34560001", "9" * 30,
    "-", "+5", "5.0", "", '"5"', "5 5", "--5", "0x5", "5,", "\xb2", "-" + "9" * 30,
)  # fmt: skip
SAME_SITES: Final = ("Strict", "Lax", "None", "strict", "LAX", "nOnE", "", "other", '"None"')
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "OPTIONS")
DATE_FORMS: Final = (
    "%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %d %H:%M:%S %Y", "%H:%M:%S %d %B %Y", "%d %b %Y", "%Y-%m-%dT%H:%M:%SZ",
    "%d %b %Y %H:%M", "%b, %d %b %Y %H:%M:%S GMT", "Mar, %d %b %Y %H:%M:%S GMT",
    "%d/%m/%Y %H:%M:%S", '"%a, %d %b %Y %H:%M:%S GMT"', "%a, %d %b %Y %H:%M:%S +0200",
    "%a, %d %b %Y %H:%M:%S GMT                                                          and so on",
)  # fmt: skip
DATE_TOKENS: Final = (
    "Mon", "Tue,", "Jan", "Mar,", "nov", "November", "Dec.", "01", "6", "31", "32", "00", "2023",
    "2024", "24", "99", "69", "70", "1601", "1600", "012", "12345", "08:49:37", "22:13:20x",
    "8:9:7", "24:00:00", "1:2:3:4", "12:60:00", "::", "12:30", "GMT", "-", "\xe4", "9e9", "20231",
)  # fmt: skip
BLANKS: Final = ("", "", "", "", " ", " ", "\t", "  \t ")


class Store(NamedTuple):
    """A response sets cookies."""

    lines: tuple[str, ...]
    url: str
    same_site: bool = True
    top_level: bool = True
    secure: bool | None = None


class Retrieve(NamedTuple):
    """A request asks for its cookies."""

    url: str
    unscoped: bool = True
    same_site: bool = True
    top_level: bool = True
    method: str = "GET"
    secure: bool | None = None


class Field(NamedTuple):
    """A request asks for its Cookie field."""

    url: str
    unscoped: bool = True
    secure: bool | None = None


class Advance(NamedTuple):
    """Time passes."""

    seconds: float


class SetByHand(NamedTuple):
    """A caller sets a cookie; ``life`` is in seconds from now."""

    name: str
    value: str
    domain: str = ""
    path: str = "/"
    secure: bool = False
    host_only: bool = False
    life: float | None = None


class RemoveByHand(NamedTuple):
    """A caller removes every cookie that has all of what is not None."""

    name: str | None = None
    domain: str | None = None
    path: str | None = None


class Copy(NamedTuple):
    """The jar is copied, or pickled and read again, and the copy used from now on."""

    pickled: bool = False


Step: TypeAlias = Store | Retrieve | Field | Advance | SetByHand | RemoveByHand | Copy


class Program(NamedTuple):
    """Limits by their names in ``sojourn_core.values.limits.Limits``, and what is done to a jar."""

    limits: dict[str, int]
    steps: tuple[Step, ...]


def is_public_suffix(domain: str) -> bool:
    """The public suffixes of all programs."""
    return domain in SUFFIXES


def program(seed: int, steps: int = STEPS) -> Program:
    """The program of a seed."""
    return _Writer(Random(seed)).program(steps)


class _Writer:
    """Writes one program, about the hosts, paths and names that it took to begin with."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.choice = random.choice
        self.chance = lambda odds: random.random() < odds
        self.now = START
        self.last_url = "http://a.test/"
        hosts = [*random.sample(HOSTS, 3), "a.test", "sub.a.test"]
        paths = [*random.sample(PATHS, 3), "/"]
        schemes = ("http", "https", "https")
        self.urls = [
            f"{scheme}://{host}{path}" for host in hosts for path in paths for scheme in schemes
        ]
        self.names = [*random.sample(NAMES, 4), "a", "a", "b", "c", ""]
        self.domains = [*random.sample(DOMAINS, 3), *(host.strip("[]") for host in hosts)]
        self.paths = [*random.sample(COOKIE_PATHS, 3), "/", "/dir"]

    def program(self, steps: int) -> Program:
        return Program(self.limits(), tuple(self.step() for _ in range(steps)))

    def limits(self) -> dict[str, int]:
        within = self.random.randint
        ranges = {
            "cookies_per_domain_max": (1, 5),
            "cookies_max": (2, 9),
            "cookies_sent_max": (1, 4),
            "cookie_field_size_max": (3, 40),
            "set_cookies_max": (1, 3),
            "cookie_size_max": (4, 20),
        }
        odds = (0.6, 0.6, 0.3, 0.3, 0.2, 0.1)
        return {
            name: within(*both)
            for (name, both), odd in zip(ranges.items(), odds, strict=True)
            if self.chance(odd)
        }

    def step(self) -> Step:
        kind = self.random.random()
        if kind < 0.5:
            lines = tuple(self.line() for _ in range(self.choice((1, 1, 1, 1, 2, 3, 5))))
            url = self.choice(self.urls)
            return Store(lines, url, *self.context(), self.secure(url))
        if kind < 0.65:
            context = self.context()
            method = "GET" if all(context) else self.choice(METHODS)
            url = self.asked_url()
            return Retrieve(url, self.chance(0.8), *context, method, self.secure(url))
        if kind < 0.82:
            url = self.asked_url()
            return Field(url, self.chance(0.8), self.secure(url))
        if kind < 0.92:
            seconds = self.choice((0.25, 1.0, 1.0, 4.0, 5.0, 60.0, 3600.0, 86400.0 * 100))
            self.now += seconds
            return Advance(seconds)
        if kind < 0.95:
            return self.set_by_hand()
        if kind < 0.98:
            return RemoveByHand(
                self.choice((*self.names, None)) if self.chance(0.9) else None,
                self.choice(HOSTS).strip("[].") if self.chance(0.5) else None,
                self.choice(self.paths) if self.chance(0.3) else None,
            )
        return Copy(self.chance(0.3))

    def secure(self, url: str) -> bool | None:
        """Whether a policy takes the connection for secure that is not by its scheme."""
        return True if url.startswith("http://") and self.chance(0.1) else None

    def asked_url(self) -> str:
        """Often the one that was asked last: the answer to that may be remembered."""
        if self.chance(0.5):
            self.last_url = self.choice(self.urls)
        return self.last_url

    def context(self) -> tuple[bool, bool]:
        """Same-site, top-level."""
        return (True, True) if self.chance(0.85) else (self.chance(0.2), self.chance(0.5))

    def set_by_hand(self) -> SetByHand:
        return SetByHand(
            self.choice(("a", "b", "__Host-a")),
            self.choice(("1", "2", "")),
            self.choice(HOSTS).strip("[].") if self.chance(0.7) else "",
            self.choice(("/", "/", "/dir", "/dir/")),
            self.chance(0.3),
            self.chance(0.3),
            self.choice((None, None, 5.0, -5.0, 3600.0)),
        )

    def line(self) -> str:
        """One Set-Cookie value."""
        if self.chance(0.02):
            return self.choice(("", "=", ";", " ; Secure", "=;Path=/", "a", "\t", "a=\U0001f36a"))
        name, value = self.choice(self.names), self.choice(VALUES)
        if self.chance(0.01):
            value = "x" * (4096 - len(name) + self.choice((-1, 0, 1)))
        pair = f"{self.blank()}{name}{self.blank()}={self.blank()}{value}{self.blank()}"
        if not name and self.chance(0.5):
            pair = value
        count = self.choice((0, 0, 1, 1, 2, 2, 3, 4, 6))
        line = ";".join((pair, *(self.attribute() for _ in range(count))))
        if self.chance(0.03):
            at = self.random.randrange(len(line) + 1)
            line = line[:at] + self.choice("\0\x01\x08\t\n\r\x1f\x7f\x80;=;= ") + line[at:]
        return line

    def attribute(self) -> str:
        kind = self.random.random()
        if kind < 0.2:
            name, value = "Secure", self.choice((None, None, None, "", "false", "x" * 1025))
        elif kind < 0.4:
            name, value = "Domain", self.choice(self.domains)
        elif kind < 0.6:
            name, value = "Path", self.choice(self.paths)
        elif kind < 0.72:
            name, value = "Max-Age", self.choice(AGES)
        elif kind < 0.84:
            name, value = "Expires", self.date()
        elif kind < 0.93:
            name, value = "SameSite", self.choice(SAME_SITES)
        elif kind < 0.96:
            name, value = "HttpOnly", self.choice((None, None, "", "no"))
        else:
            name, value = self.choice(("", "Version", "Partitioned", "secured")), "1"
        if self.chance(0.15):
            name = self.choice((name.lower(), name.upper(), name.swapcase()))
        blank = " " if self.chance(0.8) else self.blank()
        if value is None:
            return f"{blank}{name}"
        if self.chance(0.9):
            return f"{blank}{name}={value}"
        return f"{blank}{name}{self.blank()}={self.blank()}{value}{self.blank()}"

    def date(self) -> str:
        if self.chance(0.3):
            tokens = [self.choice(DATE_TOKENS) for _ in range(self.random.randint(1, 6))]
            return self.choice((" ", " ", "-", "_", ", ")).join(tokens)
        far = self.choice((-1e9, -1.0, 0.0, 5.0, 60.0, 86400.0 * 399, 86400.0 * 401, 1e9))
        return datetime.fromtimestamp(self.now + far, UTC).strftime(self.choice(DATE_FORMS))

    def blank(self) -> str:
        return self.choice(BLANKS)


def shown(value: Any) -> str:
    """A step as a line of Python, cut to what a terminal can take."""
    text = repr(value)
    return text if len(text) <= 600 else f"{text[:600]}..."
