"""The plugin of pytest: its fixtures, and that it does nothing until one is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TOP = Path(__file__).resolve().parents[3]
ARGUMENTS = ["-q", "-p", "no:cacheprovider", "-p", "sojourn.pytest_plugin", "test_it.py"]
PROGRAMS = {
    "mock": """
import asyncio, sojourn, sojourn.compat
def test_one(sojourn_mock):
    route = sojourn_mock.get("https://a.test/{name}").respond(json={"ok": True})
    assert sojourn.get("https://a.test/x").json() == {"ok": True}
    assert sojourn.compat.get("https://a.test/y").json() == {"ok": True}
    async def main():
        async with sojourn.AsyncSession() as session:
            return (await session.get("https://a.test/z")).json()
    assert asyncio.run(main()) == {"ok": True}
    assert [each.parts["name"] for each in route.calls] == ["x", "y", "z"]
""",
    "mock_redirect": """
import sojourn, sojourn.compat
def test_one(sojourn_mock):
    sojourn_mock.get("https://a.test/").respond(302, {"Location": "/end"})
    sojourn_mock.get("https://a.test/end").respond(content="end")
    for get in (sojourn.get, sojourn.compat.get):
        response = get("https://a.test/")
        assert response.text == "end" and len(response.history) == 1
""",
    "unused": """
def test_one(sojourn_mock):
    sojourn_mock.get("https://a.test/")
""",
    "unknown": """
import sojourn
def test_one(sojourn_mock):
    sojourn.get("https://a.test/")
""",
    "closed": """
import sojourn
def test_one(sojourn_no_network):
    sojourn.get("http://127.0.0.1:9/")
""",
    "closed_async": """
import asyncio, sojourn
def test_one(sojourn_no_network):
    async def main():
        async with sojourn.AsyncSession() as session:
            await session.get("http://127.0.0.1:9/")
    asyncio.run(main())
""",
    "mounted": """
import sojourn
from sojourn.adapters import MockAdapter, Reply
def test_one(sojourn_no_network):
    with sojourn.Session() as session:
        session.mount("https://", MockAdapter(lambda request: Reply(204)))
        assert session.get("https://a.test/").status_code == 204
""",
    "after": """
import pytest, sojourn
def test_one(sojourn_no_network):
    pass
def test_two():
    with pytest.raises(sojourn.ConnectionError):
        sojourn.get("http://127.0.0.1:9/")
""",
    "inert": """
import sys
def test_one():
    assert not {name for name in sys.modules if name.startswith(("sojourn.", "sojourn_core"))} - {
        "sojourn.pytest_plugin"
    }
""",
}


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    def run(name: str) -> tuple[int, str]:
        (tmp_path / "test_it.py").write_text(PROGRAMS[name], encoding="utf-8")
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        # The program is one of those above, and the interpreter the one that runs this test.
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *ARGUMENTS],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.processes
@pytest.mark.parametrize("name", ["mock", "mock_redirect", "mounted", "after", "inert"])
def test_programs_that_pass(run: Callable[[str], tuple[int, str]], name: str) -> None:
    code, output = run(name)
    assert code == 0, output


@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unused", "never called"),
        ("unknown", "no route fits GET https://a.test/"),
        ("closed", "a request to http://127.0.0.1:9 while the network is closed"),
        ("closed_async", "a request to http://127.0.0.1:9 while the network is closed"),
    ],
)
def test_programs_that_fail(run: Callable[[str], tuple[int, str]], name: str, said: str) -> None:
    code, output = run(name)
    assert code == 1, output
    assert said in output


def test_the_plugin_is_registered_under_the_name_of_its_module() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = "sojourn.pytest_plugin"
    assert project["entry-points"]["pytest11"] == {name: name}
