"""What is sent: ``requests.utils`` and ours say the same of it."""

from __future__ import annotations

import io
import os
import tarfile
from collections import deque
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests.utils as theirs
from requests.exceptions import FileModeWarning as TheirWarning

from sojourn.compat import utils as ours
from sojourn.compat.exceptions import FileModeWarning
from sojourn_core.values.errors import UnrewindableBodyError

from .sides import outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Sized:
    """Something with these attributes."""

    def __init__(self, **named: Any) -> None:
        self.__dict__.update(named)


def failing(*_: Any) -> Any:
    raise OSError("no")


def at(file: Any, position: int) -> Any:
    file.seek(position)
    return file


def negative() -> Any:
    return Sized(len=3, tell=lambda: 5)


class Longer(str):
    """Text that says something else of its length."""

    __slots__ = ()

    def __len__(self) -> int:
        return 100


THINGS: list[Callable[[], Any]] = [
    lambda: "abc",
    lambda: "é€",
    lambda: Longer("é"),
    lambda: "",
    lambda: "\ud800",
    lambda: b"abc",
    lambda: bytearray(5),
    lambda: [1, 2],
    lambda: {"a": 1},
    lambda: deque([1]),
    lambda: None,
    lambda: 5,
    lambda: iter([1]),
    lambda: io.BytesIO(b"abcdef"),
    lambda: at(io.BytesIO(b"abcdef"), 4),
    lambda: at(io.BytesIO(b"abcdef"), 40),
    lambda: io.StringIO("abcdef"),
    lambda: at(io.StringIO("é€f"), 2),
    lambda: Sized(len=7),
    lambda: Sized(len=7, tell=lambda: 3),
    lambda: Sized(len="7"),
    negative,
    lambda: Sized(tell=lambda: 3),
    lambda: Sized(tell=failing),
    lambda: Sized(len=7, tell=failing),
    lambda: Sized(tell=lambda: 3, seek=failing),
    lambda: Sized(tell=lambda: None, seek=lambda *_: None),
    lambda: Sized(fileno=failing),
    lambda: Sized(fileno=lambda: None),
    lambda: Sized(fileno=io.BytesIO().fileno, len=9),
    lambda: Sized(fileno=io.BytesIO().fileno),
]


@pytest.mark.parametrize("thing", THINGS)
def test_length(thing: Callable[[], Any]) -> None:
    assert outcome(ours.super_len, thing()) == outcome(theirs.super_len, thing())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "file.txt"
    made.write_bytes(b"0123456789")
    return made


@pytest.mark.parametrize("position", [0, 4, 10, 20])
@pytest.mark.parametrize("buffering", [0, -1])
def test_length_of_a_file(path: Path, position: int, buffering: int) -> None:
    with path.open("rb", buffering=buffering) as file:
        file.seek(position)
        assert ours.super_len(file) == theirs.super_len(file) == max(0, 10 - position)
        assert file.tell() == position


def test_length_of_a_file_opened_as_text(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        with pytest.warns(FileModeWarning, match="opened as text") as caught:
            assert ours.super_len(file) == 10
        with pytest.warns(TheirWarning):
            assert theirs.super_len(file) == 10
    assert caught[0].filename == __file__


def test_length_of_a_pipe() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert ours.super_len(pipe) == theirs.super_len(pipe) == 0


def test_length_of_a_member_of_an_archive(tmp_path: Path, path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(path, "file.txt")
    with tarfile.open(tmp_path / "a.tar") as archive:
        member = archive.extractfile("file.txt")
        assert ours.super_len(member) == theirs.super_len(member) == 10


@pytest.mark.parametrize(
    "name",
    ["a.txt", "/x/a.txt", "x/", b"/x/a", b"<a>", "<stdin>", "<a", "a>", "", b"", None, 5, ["a"]],
)
def test_file_names(name: Any) -> None:
    file = SimpleNamespace(name=name)
    assert outcome(ours.guess_filename, file) == outcome(theirs.guess_filename, file)


def test_what_has_no_name_has_no_file_name() -> None:
    assert ours.guess_filename(object()) is theirs.guess_filename(object()) is None


@pytest.mark.parametrize("position", [0, 3, True, None, "0", 1.0, object()])
@pytest.mark.parametrize(
    "body", [io.BytesIO(b"abcdef"), SimpleNamespace(seek=failing), b"abc", None]
)
def test_rewinding(position: Any, body: Any) -> None:
    request: Any = SimpleNamespace(body=body, _body_position=position)
    told = outcome(ours.rewind_body, request)
    after = body.tell() if isinstance(body, io.BytesIO) else None
    assert told == outcome(theirs.rewind_body, request)
    assert after == (body.tell() if isinstance(body, io.BytesIO) else None)


def test_rewinding_that_fails_tells_why() -> None:
    with pytest.raises(UnrewindableBodyError) as caught:
        ours.rewind_body(SimpleNamespace(body=SimpleNamespace(seek=failing), _body_position=0))
    assert isinstance(caught.value.__cause__, OSError)
    assert str(caught.value) == "An error occurred when rewinding request body for redirect."
    with pytest.raises(UnrewindableBodyError, match="Unable to rewind request body for redirect"):
        ours.rewind_body(SimpleNamespace(body=iter([b"a"]), _body_position=None))


@pytest.mark.parametrize("data", ["", "abcdefg", b"", b"abcdefg", "é€"])
@pytest.mark.parametrize("size", [None, -1, 0, 1, 2, 7, 100])
def test_slices(data: Any, size: int | None) -> None:
    assert outcome(ours.iter_slices, data, size) == outcome(theirs.iter_slices, data, size)
