"""The drivers of the documentation pass the conformance kit, and fetch from a real server.

What needs a library that is not installed, gevent, Twisted or Tk, is left out.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn import machine
from sojourn.testing.conformance import cases, check
from sojourn_core import Pool, PoolLimits, Request, Timeouts, errors
from tests.servers.nginx import SMALL

from . import driven

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn.testing.conformance import Case, Driver
    from tests.servers.authority import Authority
    from tests.servers.nginx import Nginx

LIBRARIES: Final = {driven.Gevent: "gevent", driven.Twisted: "twisted", driven.Tk: "_tkinter"}
DRIVERS: Final[list[type[Driver]]] = [
    driven.Blocking,
    driven.Selectors,
    *(driver for driver, library in LIBRARIES.items() if find_spec(library)),
]
LINES_MAX: Final = 150
EXCHANGES: Final = 100


@pytest.fixture(scope="module", autouse=True)
def is_warm() -> None:
    """Let each library open what it keeps for the whole process: threads, pipes, pollers."""
    for make in DRIVERS:
        driver: Any = make()
        driver.warm_up()
        driver.close()


@pytest.mark.parametrize(
    ("made", "case"),
    [
        pytest.param(made, case, id=f"{made.__name__}-{case.title}")
        for made in DRIVERS
        for case in cases(made.offers)
    ],
)
def test_the_conformance_kit(made: type[Driver], case: Case) -> None:
    check(case, made)


@pytest.fixture(params=DRIVERS, ids=lambda made: made.__name__)
def driver(request: pytest.FixtureRequest) -> Iterator[Any]:
    driver = request.param()
    yield driver
    driver.close()


@pytest.fixture
def session(ca: Authority) -> machine.LocalSession:
    made = machine.LocalSession()
    made.verify = str(ca.path)
    return made


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_hundred_exchanges_and_redirects(
    driver: Any, session: machine.LocalSession, nginx: Nginx, scheme: str
) -> None:
    pool = Pool(PoolLimits(connections_per_key_max=10))
    count = EXCHANGES if scheme == "http" else 10
    urls = [nginx.url("/small", scheme=scheme)] * count + [nginx.url("/redirect/3", scheme=scheme)]
    since = nginx.mark()
    came = driver.fetch([session.call(Request("GET", url)) for url in urls], pool)
    assert [each.content for each in came] == [SMALL] * len(urls)
    assert [each.status_code for each in came[-1].history] == [302, 302, 302]
    assert len({each.connection for each in nginx.accesses(since)}) <= 10
    driver.carry_out(pool.close())
    assert pool.open_count == 0


def test_an_upload_and_a_cookie(driver: Any, session: machine.LocalSession, nginx: Nginx) -> None:
    pool = Pool()
    pieces = (b"x" * 1000 for _ in range(10))
    (answer,) = driver.fetch(
        [session.call(Request("PUT", nginx.url("/echo-method"), data=pieces))], pool
    )
    assert answer.text == "PUT"
    driver.fetch([session.call(Request("GET", nginx.url("/cookie/set")))], pool)
    (echo,) = driver.fetch([session.call(Request("GET", nginx.url("/cookie/echo")))], pool)
    assert echo.text == "seen=1"
    driver.carry_out(pool.close())


def test_a_deadline(driver: Any, session: machine.LocalSession, nginx: Nginx) -> None:
    pool = Pool()
    settings = session.settings_for(timeout=Timeouts(total=1e-9))
    (error,) = driver.fetch(
        [session.call(Request("GET", nginx.url("/small")), settings=settings)], pool
    )
    assert isinstance(error, errors.DeadlineExceeded)
    driver.carry_out(pool.close())


def test_an_untrusted_certificate(driver: Any, nginx: Nginx) -> None:
    (error,) = driver.fetch(
        [machine.LocalSession().call(Request("GET", nginx.url("/small", scheme="https")))], Pool()
    )
    assert isinstance(error, errors.SSLError)


@pytest.mark.parametrize("path", sorted(driven.FOLDER.glob("*_driver.py")), ids=lambda p: p.stem)
def test_each_driver_is_short(path: Any) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) < LINES_MAX
