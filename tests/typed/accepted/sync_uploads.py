"""Content: forms, text, bytes, files, and what is made while it is sent."""

import io
from collections.abc import Iterator
from pathlib import Path

import sojourn

URL = "http://127.0.0.1:8000/"


def chunks() -> Iterator[bytes]:
    yield b"one"
    yield b"two"


def send(path: Path, session: sojourn.Session) -> None:
    with path.open("rb") as binary, path.open() as text:
        session.post(URL, data=binary)
        session.post(URL, data=text)
        session.post(URL, files={"file": binary})
        session.post(URL, files={"file": ("name.txt", binary, "text/plain", {"X-Part": "1"})})
        session.post(URL, files=[("file", ("a.txt", "text")), ("file", ("b.txt", b"bytes"))])
    session.post(URL, data=chunks())
    session.put(URL, data=bytearray(b"abc"))
    session.put(URL, data=memoryview(b"abc"))
    session.put(URL, io.BytesIO(b"abc"))
    session.post(URL, [("a", "1"), ("a", "2")], files={"file": b"content"})
    session.post(URL, {"a": ["1", "2"], "b": 3})
