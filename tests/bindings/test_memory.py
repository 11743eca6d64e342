"""What is streamed does not pile up: the most memory that a process held, before and after.

The most is what the system counted (the resident set at its height), because OpenSSL's memory is
not Python's. Each process makes a small request first, so that modules, contexts and buffers are
there.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any, Final

import pytest

import sojourn
import sojourn.compat
from tests.servers.nginx import BIG_SIZE, Nginx

if TYPE_CHECKING:
    from tests.servers.authority import Authority

GROWTH_MAX: Final = 8 * 1024 * 1024

HEIGHT: Final = '''
import asyncio, pathlib, sys
import sojourn

def height():
    """The most octets that this process ever held."""
    status = pathlib.Path("/proc/self/status")
    if status.exists():  # What getrusage says begins with the height of the parent.
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    import resource
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

small, big, authority, streamed = *sys.argv[1:4], sys.argv[4] == "streamed"
'''
SCRIPTS: Final = {
    "sync": HEIGHT
    + """
with sojourn.Session() as session:
    session.verify = authority
    with session.get(small, stream=True) as response:
        size = sum(map(len, response.iter_content(65536)))
    before = height()
    with session.get(big, stream=streamed) as response:
        size = sum(map(len, response.iter_content(65536)))
print(size, height() - before)
""",
    "asyncio": HEIGHT
    + """
async def main():
    async with sojourn.AsyncSession() as session:
        session.verify = authority
        async with await session.get(small, stream=True) as response:
            size = sum([len(piece) async for piece in response.iter_content(65536)])
        before = height()
        size = 0
        async with await session.get(big, stream=streamed) as response:
            async for piece in response.iter_content(65536):
                size += len(piece)
    return size, before

size, before = asyncio.run(main())
print(size, height() - before)
""",
}


def download(script: str, nginx: Nginx, ca: Authority, scheme: str, how: str) -> tuple[int, int]:
    """Run a script: the size of the content that it read, and by how much it grew."""
    small, big = (nginx.url(path, scheme=scheme) for path in ("/chunked", "/big"))
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, small, big, str(ca.path), how],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    size, growth = map(int, ended.stdout.split())
    return size, growth


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", list(SCRIPTS))
def test_a_download_of_64_mebibytes_is_streamed_in_little_memory(
    nginx: Nginx, ca: Authority, name: str, scheme: str
) -> None:
    size, growth = download(SCRIPTS[name], nginx, ca, scheme, "streamed")
    assert size == BIG_SIZE
    assert growth < GROWTH_MAX


def test_content_that_is_kept_shows_in_the_measure(nginx: Nginx, ca: Authority) -> None:
    size, growth = download(SCRIPTS["sync"], nginx, ca, "http", "kept")
    assert size == BIG_SIZE
    assert growth >= BIG_SIZE


@pytest.mark.parametrize("scheme", ["data", "foo"])
@pytest.mark.parametrize("library", [sojourn, sojourn.compat])
def test_a_url_of_100_mebibytes_is_refused_by_its_scheme_and_not_copied(
    library: Any, scheme: str
) -> None:
    url = f"{scheme}:,{'x' * (100 << 20)}"
    tracemalloc.start()
    try:
        with pytest.raises(sojourn.exceptions.InvalidSchema) as caught:
            library.get(url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20  # Modules that are loaded then are among it.
    assert len(str(caught.value)) < 1000
