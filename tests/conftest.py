"""What every test may ask for: servers, their certificates, and one source of examples.

Hypothesis runs with the profile ``ci`` unless ``HYPOTHESIS_PROFILE`` names another:

* ``ci``: the same examples in every run, and nothing kept between runs. A failure in it is a
  failure for everybody, and no commit is blamed for luck.
* ``random``: new examples in each run, ten times as many, for a search that may take its time.
  What it finds belongs into an ``@example`` or a test of its own.

HTTP/1.1 is spoken by the codec that every program gets, or by that which ``SOJOURN_CODEC`` names:
``SOJOURN_CODEC=h11 python -m pytest``. Programs that tests start get the usual one.
"""

from __future__ import annotations

import gc
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.codecs import CODECS, speaking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.apache import Apache
    from tests.servers.authority import Authority
    from tests.servers.dante import Dante
    from tests.servers.microsocks import Microsocks
    from tests.servers.nginx import Nginx
    from tests.servers.scripted import HandlerServer, ScriptedServer
    from tests.servers.squid import Squid

# Both from "default": what Hypothesis starts with depends on whether it finds itself in a CI.
# What is around is no test's business, unless the test says so. Programs that are started see the
# same.
for _name in list(os.environ):
    if _name.lower().endswith("_proxy") or _name.endswith("CA_BUNDLE") or _name == "SSL_CERT_FILE":
        del os.environ[_name]
os.environ["NETRC"] = ""

# The mark that a test has by a fixture that it uses.
MARKS = {"nginx": "nginx", "apache": "apache", "squid": "squid", "ca": "tls"}

DEFAULT = settings.get_profile("default")
settings.register_profile("ci", DEFAULT, derandomize=True, deadline=None, database=None)
settings.register_profile("random", DEFAULT, deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

CODEC = os.environ.get("SOJOURN_CODEC")


def pytest_configure(config: pytest.Config) -> None:
    """Have all tests speak HTTP/1.1 by the codec that is asked for."""
    if not CODEC:
        return
    if CODEC not in CODECS:
        raise pytest.UsageError(f"SOJOURN_CODEC is {CODEC!r}, and not one of {', '.join(CODECS)}")
    spoken = ExitStack()
    spoken.enter_context(speaking(CODEC))
    config.add_cleanup(spoken.close)


@settings(max_examples=1)
@given(st.none())
def first_property(nothing: None) -> None:
    """Hold, whatever is given."""


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of what is collected as garbage.

    They are almost two million objects that stay until the end, and ``no_leaks`` would look at each
    of them after each test: half a second, some thousand times. Hypothesis makes its source of
    numbers at the first property, and asks the collector who holds it: that is done before.
    """
    first_property()
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Collect what was left out: it warns if it has not been closed."""
    gc.unfreeze()
    gc.collect()


@pytest.fixture(scope="module", params=CODECS)
def each_codec(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the tests of a module once for each codec of HTTP/1.1, whichever is asked for."""
    with speaking(request.param):
        yield request.param


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses nginx, Apache, Squid or TLS, so that ``-m "not nginx"`` leaves it out."""
    for item in items:
        for fixture, mark in MARKS.items():
            if isinstance(item, pytest.Function) and fixture in item.fixturenames:
                item.add_marker(mark)


def need_program(name: str, path: str | None, *, switch: str = "SOJOURN_REQUIRE_SERVERS") -> None:
    """Skip the test for want of a program, or fail it where no test may be skipped for that.

    Args:
        name: The program, for the message.
        path: Where it is, or None.
        switch: The variable of the environment that says so, if it is set and not empty.
    """
    if path is not None:
        return
    if os.environ.get(switch):
        pytest.fail(f"{name} is not installed, and {switch} is set", pytrace=False)
    pytest.skip(f"{name} is not installed")


# Each fixture imports its server: the core's tests load where there are no sockets to listen on.


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that vouches for every server of the tests."""
    from tests.servers.authority import Authority

    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def nginx(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """One nginx for the whole run, for HTTP and HTTPS."""
    from tests.servers.nginx import Nginx, program

    need_program("nginx", program())
    folder = tmp_path_factory.mktemp("nginx")
    with Nginx(folder, certificate=ca.certificate, client_authority=ca.path) as running:
        yield running


@pytest.fixture(scope="session")
def apache() -> Iterator[Apache]:
    """One Apache httpd for the whole run."""
    from tests.servers.apache import Apache, program

    need_program("apache2", program())
    with Apache() as running:
        yield running


@pytest.fixture(scope="session")
def squid() -> Iterator[Squid]:
    """One Squid for the whole run."""
    from tests.servers.squid import Squid, programs

    need_program("squid", (programs() or (None,))[0])
    with Squid() as running:
        yield running


@pytest.fixture(scope="session")
def microsocks() -> Iterator[Microsocks]:
    """One microsocks for the whole run, for everybody."""
    from tests.servers.microsocks import Microsocks, program

    need_program("microsocks", program())
    with Microsocks() as running:
        yield running


@pytest.fixture(scope="session")
def guarded_microsocks() -> Iterator[Microsocks]:
    """Another, for those who have its password."""
    from tests.servers.microsocks import Microsocks, program

    need_program("microsocks", program())
    with Microsocks(guarded=True) as running:
        yield running


@pytest.fixture(scope="session")
def dante() -> Iterator[Dante]:
    """One Dante for the whole run."""
    from tests.servers.dante import Dante, program

    need_program("dante", program())
    with Dante() as running:
        yield running


@pytest.fixture(scope="session")
def secured_squid(squid: Squid, ca: Authority) -> Iterator[tuple[str, str]]:
    """The place of Squid behind TLS: for everybody, and for those who have its password."""
    from tests.servers.haproxy import Terminator, program

    need_program("haproxy", program())
    with (
        Terminator(squid.port, ca.certificate) as anybody,
        Terminator(squid.guarded_port, ca.certificate) as guarded,
    ):
        yield f"127.0.0.1:{anybody.port}", f"127.0.0.1:{guarded.port}"


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedServer]]:
    """``scripted(*scripts, context=None)``: a server that is closed, and checked, with the test."""
    from tests.servers.scripted import ScriptedServer

    with ExitStack() as servers:
        yield lambda *scripts, **options: servers.enter_context(ScriptedServer(*scripts, **options))


@pytest.fixture
def serve() -> Iterator[Callable[..., HandlerServer]]:
    """``serve(handler, context=None)``: likewise, with a response for each request."""
    from tests.servers.scripted import HandlerServer

    with ExitStack() as servers:
        yield lambda handler, **options: servers.enter_context(HandlerServer(handler, **options))


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Fail the test that forgot to close something, and not one that comes after it.

    What is collected unclosed warns with ResourceWarning; pytest makes that a warning of the test
    that runs, and the settings make each warning an error. Twice, because finalizers of the first
    collection leave garbage for the second.

    What there is when the test begins is left out: modules and fixtures that stay are a million
    objects and more. It was collected just now, and is looked at once more at the end of the run.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.collect()
    gc.collect()
