"""Files and the environment: ``requests.utils`` and ours do the same."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import requests.utils as theirs

from sojourn.compat import utils as ours

BOTH = pytest.mark.parametrize("module", [ours, theirs])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("top.txt", "top")
        opened.writestr("deep/er/member.pem", "deep")
    return path


@BOTH
@pytest.mark.parametrize(
    ("member", "content"), [("top.txt", b"top"), ("deep/er/member.pem", b"deep")]
)
def test_a_member_of_an_archive_is_extracted(
    module: Any, archive: Path, member: str, content: bytes
) -> None:
    extracted = Path(module.extract_zipped_paths(str(archive / member)))
    assert extracted.read_bytes() == content
    assert extracted.suffix == Path(member).suffix
    extracted.unlink()


@BOTH
@pytest.mark.parametrize(
    "path", ["a.zip", "a.zip/none", "a.zip/deep", "none/top.txt", "", "plain/x", "plain"]
)
def test_other_paths_stay_as_they_are(module: Any, archive: Path, path: str) -> None:
    (archive.parent / "plain").write_text("no archive")
    given = str(archive.parent / path) if path else ""
    assert module.extract_zipped_paths(given) == given


@BOTH
def test_a_path_of_nothing_stays_as_it_is(module: Any) -> None:
    assert module.extract_zipped_paths("/no/such/place") == "/no/such/place"
    assert module.extract_zipped_paths("no such place") == "no such place"


@BOTH
def test_a_file_is_written_all_at_once(module: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with module.atomic_open(str(path)) as file:
        file.write(b"after")
        file.flush()
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


@BOTH
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_file_is_not_written_at_all_if_the_block_fails(
    module: Any, tmp_path: Path, error: type[BaseException]
) -> None:
    def write() -> None:
        with module.atomic_open(str(tmp_path / "file")) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert list(tmp_path.iterdir()) == []


NAME = "SOJOURN_TEST_VARIABLE"


@BOTH
@pytest.mark.parametrize("before", [None, "before"])
@pytest.mark.parametrize("value", [None, "", "within"])
def test_a_variable_has_its_value_back_afterwards(
    module: Any, before: str | None, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if before is not None:
        monkeypatch.setenv(NAME, before)

    def fail() -> None:
        with module.set_environ(NAME, value):
            assert os.environ.get(NAME) == (before if value is None else value)
            raise ValueError("within")

    with pytest.raises(ValueError, match="within"):
        fail()
    assert os.environ.get(NAME) == before


@BOTH
def test_a_block_that_ends_well_leaves_the_variable_as_it_was(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, "before")
    for value in (None, "within"):
        with module.set_environ(NAME, value):
            assert os.environ[NAME] == (value or "before")
        assert os.environ[NAME] == "before"
