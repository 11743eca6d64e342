"""requests-file: an adapter for another scheme, which builds its responses by hand."""

from __future__ import annotations

from typing import Any

import requests
from requests_file import FileAdapter

LIBRARIES = ("requests_file",)


def read(url: str) -> Any:
    with requests.Session() as session:
        session.mount("file://", FileAdapter())
        with session.get(url) as whole:
            text = whole.text
        with session.get(f"{url}.none") as missing:
            reason = missing.text
        with session.get(url, stream=True) as response:
            pieces = [piece.decode() for piece in response.iter_content(4)]
        with session.get(url, stream=True) as response:
            raw = response.raw.read(3).decode()
        refused = False
        try:
            session.post(url)
        except ValueError:
            refused = True
        with session.head(url) as head:
            assert head.status_code == 200
        with session.get(url, headers={"Range": "bytes=2-4"}) as part:
            assert part.content
        return {
            "whole": [whole.status_code, text, whole.headers["content-length"], whole.url],
            "missing": [missing.status_code, missing.ok, bool(reason)],
            "pieces": pieces,
            "raw": raw,
            "refused": refused,
            "head": [head.status_code, head.headers["content-length"]],
            "part": [part.status_code, part.text],
        }
