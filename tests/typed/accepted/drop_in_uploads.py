"""Content and files of a program for Requests."""

import io
from collections.abc import Iterator
from pathlib import Path

import sojourn.compat as requests


def chunks() -> Iterator[bytes]:
    yield b"one"


def send(url: str, path: Path) -> None:
    with path.open("rb") as file:
        requests.post(url, files={"file": file})
        requests.post(url, files={"file": ("a.txt", file, "text/plain", {"Expires": "0"})})
        requests.post(url, files=[("many", ("a.txt", file)), ("many", ("b.txt", "text"))])
        requests.post(url, data=file)
    requests.post(url, data=chunks())
    requests.post(url, data=io.BytesIO(b"abc"))
    requests.post(url, data=[("a", "1"), ("a", "2")])
    requests.put(url, {"a": 1}, timeout=(3.05, None))
    request = requests.Request("POST", url, data={"a": "1"}, files={"file": b"abc"})
    prepared = request.prepare()
    prepared.headers["X-Late"] = "1"
    prepared.prepare_body(b"other", None)
    with requests.Session() as session:
        session.send(prepared, timeout=3)
