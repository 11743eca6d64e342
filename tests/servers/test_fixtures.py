"""The fixtures fail where they should: pytest is run within pytest."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
# The marks are those that the fixtures of a server bring, as in the settings of the project.
SETTINGS = "[pytest]\nfilterwarnings = error\nmarkers =\n    nginx: x\n    tls: x\n"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with this project's fixtures and a warning filter like its own."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest("from tests.conftest import *\n")
    pytester.makefile(".ini", pytest=SETTINGS)
    return pytester


def run(project: pytest.Pytester) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "no:cacheprovider")


def test_a_leaked_socket_fails_the_test_that_leaked_it(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import socket

        def test_leaks_in_a_cycle(no_leaks):
            sock = socket.socket()
            cycle = [sock]
            cycle.append(cycle)

        def test_comes_after(no_leaks):
            socket.socket().close()
    """)
    result = run(project)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_leaks_in_a_cycle*"])
    result.stdout.fnmatch_lines(["*ResourceWarning: unclosed <socket.socket*"])


def test_an_error_in_a_server_fails_the_test(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import socket

        def test_has_no_script(scripted):
            server = scripted()
            with socket.create_connection(("127.0.0.1", server.port), 10) as sock:
                assert sock.recv(1) == b""
    """)
    result = run(project)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*one connection more than the 0 scripts"])


@pytest.mark.parametrize(
    ("required", "outcome"), [("", {"skipped": 1}), ("1", {"errors": 1})], ids=["free", "required"]
)
def test_a_missing_nginx_skips_or_fails(
    project: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    required: str,
    outcome: dict[str, int],
) -> None:
    monkeypatch.setenv("SOJOURN_REQUIRE_SERVERS", required)
    project.makepyfile("""
        import pytest
        from tests.servers import nginx as nginx_server

        @pytest.fixture(scope="session", autouse=True)
        def absent():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(nginx_server, "program", lambda: None)
                yield

        def test_asks_for_it(nginx):
            raise AssertionError
    """)
    result = project.runpytest_subprocess("-p", "no:cacheprovider", "-rs")
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(["*nginx is not installed*"])


@pytest.mark.parametrize(("profile", "derandomized"), [("", True), ("random", False)])
def test_examples_are_the_same_in_every_run_unless_asked(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, profile: str, derandomized: bool
) -> None:
    if profile:
        monkeypatch.setenv("HYPOTHESIS_PROFILE", profile)
    else:
        monkeypatch.delenv("HYPOTHESIS_PROFILE", raising=False)
    project.makepyfile(f"""
        from hypothesis import settings

        def test_profile():
            assert settings.default.derandomize is {derandomized}
            assert settings.default.deadline is None
    """)
    run(project).assert_outcomes(passed=1)
