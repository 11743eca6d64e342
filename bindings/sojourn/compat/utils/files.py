"""Files from archives, files written at once, and variables set within a block."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


def extract_zipped_paths(path: str) -> str:
    """Extract a file if it is the member of a zip archive, and return its path.

    Args:
        path: A path that exists, or the path of an archive followed by the name of a member.

    Returns:
        The path of a new temporary file with the content of the member; otherwise ``path``.
    """
    import tempfile
    import zipfile

    if os.path.exists(path):  # noqa: PTH110 - the caller's text, not a path made of it
        return path
    archive = next((parent for parent in Path(path).parents if parent.exists()), None)
    if archive is None or not zipfile.is_zipfile(archive):
        return path
    member = Path(path).relative_to(archive).as_posix()
    with zipfile.ZipFile(archive) as opened:
        if member not in opened.namelist():
            return path
        content = opened.read(member)
    descriptor, extracted = tempfile.mkstemp(suffix=Path(member).suffix)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return extracted


@contextlib.contextmanager
def atomic_open(filename: str) -> Generator[IO[bytes], None, None]:
    """Write a file that appears complete at the end of the block, or not at all."""
    import tempfile

    descriptor, temporary = tempfile.mkstemp(dir=Path(filename).parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(temporary).replace(filename)
    except BaseException:
        Path(temporary).unlink()
        raise


@contextlib.contextmanager
def set_environ(env_name: str, value: str | None) -> Generator[None, None, None]:
    """Set a variable of the environment within the block; None leaves it alone."""
    if value is None:
        yield
        return
    before = os.environ.get(env_name)
    os.environ[env_name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[env_name]
        else:
            os.environ[env_name] = before
