"""Threats in how long something takes: for twice the size, about twice the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn_core import Policy, parse_url
from sojourn_core.rules.auth.challenge import parse_challenges
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.rules.redirect import resolve_target
from sojourn_core.values.errors import RequestException
from sojourn_core.values.fields import Fields
from sojourn_core.values.limits import DEFAULT_LIMITS
from tests.core.codecs import CODECS, speaking
from tests.core.conversation import WALL
from tests.core.exchanges import exchange_with, hear
from tests.core.work import assert_linear

from . import rows

if TYPE_CHECKING:
    from collections.abc import Callable

HERE: Final = parse_url("http://a.test/")


def store(line: Callable[[int], str]) -> Callable[[int], object]:
    """Tell a jar of a Set-Cookie line."""
    return lambda size: CookieJar().store([line(size)], HERE, WALL)


def challenge(line: Callable[[int], str]) -> Callable[[int], object]:
    """Read a WWW-Authenticate line."""
    return lambda size: parse_challenges([line(size)])


def read(url: Callable[[int], str]) -> Callable[[int], object]:
    """Read a URL, or find that it is none."""

    def run(size: int) -> object:
        try:
            return parse_url(url(size))
        except RequestException as error:
            return error

    return run


def lead(location: Callable[[int], str]) -> Callable[[int], object]:
    """Resolve a Location."""
    limits = DEFAULT_LIMITS.replace(location_size_max=1 << 24, url_size_max=1 << 24)
    return lambda size: resolve_target(HERE, location(size), Policy(), limits)


def answered(octets: Callable[[int], bytes], piece: int = 500) -> Callable[[int], object]:
    """Read a response that comes in pieces."""

    def run(size: int) -> object:
        data = octets(size)
        limits = DEFAULT_LIMITS.replace(
            head_size_max=1 << 24,
            field_lines_max=1 << 20,
            field_line_size_max=1 << 24,
            chunk_overhead_free=1 << 24,
        )
        pieces = [data[at : at + piece] for at in range(0, len(data), piece)]
        return hear(exchange_with(limits=limits), pieces)

    return run


OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"

WORKS: Final[tuple[tuple[str, str, Callable[[int], object]], ...]] = (
    ("CVE-2016-1000232", "semicolons", store(lambda n: "x" + ";" * n)),
    ("CVE-2016-1000232", "blanks and semicolons", store(lambda n: "x=1" + " ;" * n)),
    ("CVE-2016-1000232", "blanks", store(lambda n: " " * n)),
    ("CVE-2016-1000232", "blanks within", store(lambda n: "x=1;" + " " * n + "y")),
    ("PSF-2019-14", "dashes", store(lambda n: f"a=1; Expires=1{'-' * n}x")),
    ("PSF-2019-14", "blanks", store(lambda n: f"a=1; Expires=1{' ' * n}x")),
    ("PSF-2019-14", "digits", store(lambda n: f"a=1; Expires={'1' * n}x")),
    ("PSF-2019-14", "colons", store(lambda n: f"a=1; Expires=1{':1' * n}x")),
    ("PSF-2019-14", "words", store(lambda n: f"a=1; Expires={'Jan ' * n}x")),
    ("CVE-2024-7592", "backslashes", store(lambda n: f'c="{chr(92) * n}"')),
    ("CVE-2024-7592", "escapes", store(lambda n: f'c="{chr(92) + "012"}{chr(92) * n}"')),
    ("CVE-2020-7212", "one escape", read(lambda n: f"http://a.test/{'%61' * n}")),
    (
        "CVE-2020-7212",
        "many escapes",
        read(lambda n: "http://a.test/" + "".join(f"%{index % 256:02x}" for index in range(n))),
    ),
    ("CVE-2020-7212", "broken escapes", read(lambda n: f"http://a.test/{'%' * n}")),
    ("CVE-2020-7212", "query", read(lambda n: f"http://a.test/?{'%zz' * n}")),
    ("CVE-2020-8492", "commas", challenge(lambda n: f"{',' * n}Basic realm")),
    ("CVE-2020-8492", "commas and blanks", challenge(lambda n: f"Basic {', ' * n}x")),
    ("CVE-2020-8492", "many", challenge(lambda n: "Basic realm=x, " * n)),
    ("CVE-2020-8492", "no end of a quote", challenge(lambda n: f'Basic realm="{chr(92) * n}')),
    ("CVE-2021-21240", "NBSP", challenge(lambda n: "\xa0" * n + "Digest x")),
    ("CVE-2021-21240", "NBSP within", challenge(lambda n: f"Digest{chr(160) * n}x=y")),
    ("CVE-2021-21240", "blanks", challenge(lambda n: f"Digest{' ' * n}x{' ' * n}=y")),
    ("CVE-2021-21240", "TABs", challenge(lambda n: "\t" * n + "Digest x")),
    ("CVE-2026-56860", "up", lead(lambda n: "../" * n + "x")),
    ("CVE-2026-56860", "down and up", lead(lambda n: "a/" * n + "../" * n + "x")),
    ("CVE-2026-56860", "here", lead(lambda n: "./" * n + "x")),
    ("CVE-2026-56860", "one by one", lead(lambda n: "a/../" * n + "x")),
    ("CVE-2026-56860", "slashes", lead(lambda n: "/" * n + "x")),
    ("CVE-2026-56860", "URL", read(lambda n: f"http://a.test/{'a/../' * n}x")),
    ("CVE-2021-33503", "user infos", read(lambda n: f"http://{'@' * n}a.test/")),
    ("CVE-2021-33503", "colons", read(lambda n: f"http://{':' * n}@a.test/")),
    ("CVE-2024-3651", "marks", read(lambda n: f"http://{('a' + chr(0x300)) * n}.test/")),
    ("CVE-2024-3651", "labels", read(lambda n: f"http://{'a.' * n}test/")),
)

ANSWERED: Final[tuple[tuple[str, str, Callable[[int], object]], ...]] = (
    ("CVE-2025-61724", "lines", answered(lambda n: OK + b"X: y\r\n" * n + b"\r\n")),
    (
        "CVE-2025-61724",
        "names",
        answered(lambda n: OK + b"".join(b"X%d: y\r\n" % i for i in range(n)) + b"\r\n"),
    ),
    ("CVE-2025-61724", "folded", answered(lambda n: OK + b"X: y\r\n" + b" y\r\n" * n + b"\r\n")),
    (
        "CVE-2025-61724",
        "trailers",
        answered(lambda n: CHUNKED + b"0\r\n" + b"X: y\r\n" * n + b"\r\n"),
    ),
    ("CVE-2025-69229", "chunks", answered(lambda n: CHUNKED + b"1\r\nx\r\n" * n + b"0\r\n\r\n")),
    ("CVE-2025-69229", "bytes", answered(lambda n: CHUNKED + b"1\r\nx\r\n" * n + b"0\r\n\r\n", 1)),
    ("CVE-2025-69229", "a slow head", answered(lambda n: OK + b"X: " + b"y" * n + b"\r\n\r\n", 1)),
)

TRIED: Final = rows.TRIED
TRIED.update(row for row, *_ in (*WORKS, *ANSWERED))


@pytest.mark.parametrize("run", [pytest.param(run, id=f"{row}-{name}") for row, name, run in WORKS])
def test_the_work_is_linear(run: Any) -> None:
    assert_linear(run, 500)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    "run", [pytest.param(run, id=f"{row}-{name}") for row, name, run in ANSWERED]
)
def test_the_work_for_a_response_is_linear(run: Any, codec: str) -> None:
    with speaking(codec):
        assert_linear(run, 300)


@pytest.mark.parametrize("row", ["CVE-2025-61724"])
def test_lines_are_joined_once(row: str) -> None:
    assert_linear(lambda size: Fields.from_lines([("X", "y")] * size)["x"], 500)
    assert_linear(lambda size: Fields.from_lines([("X", "y")] * size).get_all("x"), 500)
