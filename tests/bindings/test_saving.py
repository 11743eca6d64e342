"""Content saved to a file as it comes."""

from __future__ import annotations

import gzip
import io
import os
from typing import TYPE_CHECKING, Any, Final

import pytest

from sojourn.exceptions import ChunkedEncodingError, InvalidArgument, StreamConsumedError
from tests.bindings.clients import Binding, pool_of
from tests.servers.nginx import BIG_SIZE, TEXT
from tests.servers.scripted import response as answer
from tests.servers.steps import Close, ReadHead, Send, WaitClosed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.nginx import Nginx
    from tests.servers.scripted import ScriptedServer
    from tests.servers.steps import Step

CUT: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"


def get(binding: Binding, url: str, **options: Any) -> Any:
    return binding.run(binding.session().get(url, stream=True, **options))


@pytest.fixture
def told(scripted: Callable[..., ScriptedServer]) -> Callable[..., str]:
    """The URL of a server that says this, and then takes one more step."""

    def make(data: bytes, last: Step | None = None) -> str:
        return scripted([ReadHead(), Send(data), last or WaitClosed()]).url()

    return make


@pytest.mark.parametrize("path", ["/gz", "/chunked", "/until-close"])
@pytest.mark.parametrize("streamed", [False, True])
def test_the_content_is_at_the_path_codings_removed(
    binding: Binding, nginx: Nginx, tmp_path: Path, path: str, streamed: bool
) -> None:
    response = binding.run(binding.session().get(nginx.url(path), stream=streamed))
    for target in (tmp_path / "a", str(tmp_path / "b")):
        if streamed and target != tmp_path / "a":
            response = binding.run(binding.session().get(nginx.url(path), stream=True))
        assert binding.run(response.save(target)) == len(TEXT)
        assert (tmp_path / os.path.basename(target)).read_bytes() == TEXT
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a", "b"]


def test_a_large_file_passes_through(binding: Binding, nginx: Nginx, tmp_path: Path) -> None:
    session = binding.session()
    response = binding.run(session.get(nginx.url("/big"), stream=True))
    assert binding.run(response.save(tmp_path / "big")) == BIG_SIZE
    assert (tmp_path / "big").stat().st_size == BIG_SIZE
    assert pool_of(session).idle_count == 1


def test_an_open_file_stays_open(binding: Binding, nginx: Nginx) -> None:
    file = io.BytesIO()
    file.write(b"before ")
    assert binding.run(get(binding, nginx.url("/gz")).save(file)) == len(TEXT)
    assert file.getvalue() == b"before " + TEXT


def test_a_file_that_takes_less_than_it_is_given_gets_the_rest(
    binding: Binding, told: Callable[..., str]
) -> None:
    class Slow(io.RawIOBase):
        taken = b""

        def write(self, data: Any) -> int:
            self.taken += bytes(data[:3])
            return min(len(data), 3)

    slow = Slow()
    response = get(binding, told(answer(200, content=b"some content")))
    assert binding.run(response.save(slow)) == 12
    assert slow.taken == b"some content"


def test_an_awaitable_write_is_awaited(told: Callable[..., str]) -> None:
    class Later:
        taken = b""

        async def write(self, data: bytes) -> int:
            self.taken += data
            return len(data)

    binding = Binding("asyncio")
    later = Later()
    response = get(binding, told(answer(200, content=b"some content")))
    assert binding.run(response.save(later)) == 12
    assert later.taken == b"some content"
    binding.close()


def test_no_content_is_an_empty_file(
    binding: Binding, told: Callable[..., str], tmp_path: Path
) -> None:
    response = get(binding, told(b"HTTP/1.1 204 No Content\r\n\r\n"))
    assert binding.run(response.save(tmp_path / "none")) == 0
    assert (tmp_path / "none").read_bytes() == b""


@pytest.mark.parametrize("before", [None, b"as it was"])
def test_content_that_is_cut_leaves_what_was_there(
    binding: Binding, told: Callable[..., str], tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)
    response = get(binding, told(CUT, Close()))
    with pytest.raises(ChunkedEncodingError):
        binding.run(response.save(path))
    left = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    assert left == ({} if before is None else {"file": before})


def test_broken_coding_leaves_what_was_there(
    binding: Binding, told: Callable[..., str], tmp_path: Path
) -> None:
    data = gzip.compress(b"content" * 1000)[:-9] + b"no checksum"
    response = get(binding, told(answer(200, ("Content-Encoding", "gzip"), content=data)))
    with pytest.raises(OSError, match="gzip"):
        binding.run(response.save(tmp_path / "file"))
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_ends_the_response(binding: Binding, nginx: Nginx) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

    session = binding.session()
    response = binding.run(session.get(nginx.url("/big"), stream=True))
    with pytest.raises(OSError, match="No space"):
        binding.run(response.save(Full()))
    assert pool_of(session).open_count == 0


@pytest.mark.parametrize("target", [None, 3, b"path", io.StringIO(), ["a"]])
def test_what_is_no_place_is_named(binding: Binding, told: Callable[..., str], target: Any) -> None:
    response = get(binding, told(answer(200, content=b"some")))
    with pytest.raises(InvalidArgument, match=r"target.* a path, or a file that is open for bytes"):
        binding.run(response.save(target))


def test_a_folder_that_is_not_there_is_an_error_before_anything_is_read(
    binding: Binding, told: Callable[..., str], tmp_path: Path
) -> None:
    response = get(binding, told(answer(200, content=b"some")))
    with pytest.raises(FileNotFoundError):
        binding.run(response.save(tmp_path / "none" / "file"))
    assert binding.run(response.save(tmp_path / "file")) == 4


def test_content_is_saved_once_if_it_was_streamed(
    binding: Binding, told: Callable[..., str], tmp_path: Path
) -> None:
    response = get(binding, told(answer(200, content=b"some")))
    binding.run(response.save(tmp_path / "file"))
    with pytest.raises(StreamConsumedError):
        binding.run(response.save(tmp_path / "again"))
    assert not (tmp_path / "again").exists()
