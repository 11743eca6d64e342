"""Content that is read piece by piece."""

import shutil
from pathlib import Path

import sojourn


def download(url: str, path: Path) -> int:
    size = 0
    with sojourn.get(url, stream=True) as response, path.open("wb") as file:
        response.raise_for_status()
        for piece in response.iter_content(chunk_size=65536):
            size += file.write(piece)
    return size


def copy(url: str, path: Path) -> None:
    with sojourn.get(url, stream=True) as response, path.open("wb") as file:
        shutil.copyfileobj(response.raw, file)


def lines(url: str) -> list[str]:
    with sojourn.get(url, stream=True) as response:
        response.encoding = response.encoding or "utf-8"
        return [line.rstrip() for line in response.iter_lines(decode_unicode=True)]


def count(url: str) -> int:
    with sojourn.get(url, stream=True) as response:
        return sum(line.count(b"\n") for line in response.iter_lines(512, delimiter=b"\r\n"))


def text(response: sojourn.Response, as_text: bool) -> int:
    pieces = [len(piece) for piece in response.iter_content(1024, decode_unicode=as_text)]
    return sum(pieces) + sum(len(piece) for piece in response)
