"""vcrpy: requests are recorded below the session, and played back without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from . import below

LIBRARIES = ()


def recorded(url: str, folder: str) -> Any:
    """What a session is told, first by the server and then by the tape."""
    below.prepare()
    tape = Path(folder, "tape.yaml")
    told = []
    for _ in range(2):
        with vcr.use_cassette(str(tape), record_mode="once") as cassette, requests.Session() as own:
            first = own.get(f"{url}/gzip")
            posted = own.post(f"{url}/form", data={"a": "b"})
            streamed = own.put(f"{url}/put", data=iter([b"c", b"d"]))
            redirected = own.get(f"{url}/redirect")
            pieces = own.get(f"{url}/gzip", stream=True)
            told.append(
                [
                    [first.status_code, first.reason, first.text],
                    posted.json()["content"],
                    streamed.json()["content"],
                    [redirected.json()["target"], len(redirected.history)],
                    b"".join(pieces.iter_content(3)).decode(),
                    own.cookies.get("c"),
                ]
            )
            told.append([cassette.play_count, len(cassette)])
    return told


def filtered(url: str, folder: str) -> Any:
    """A secret that is kept out of the tape, a request that is not on it, and what goes by it."""
    below.prepare()
    tape = Path(folder, "tape.yaml")
    options: Any = {"filter_headers": ["authorization"], "record_mode": "once"}
    with vcr.use_cassette(str(tape), **options):
        requests.get(f"{url}/a", auth=("ada", "secret"))
    kept = "YWRh" in tape.read_text()  # "ada", in base64.
    with vcr.use_cassette(str(tape), **options):
        try:
            requests.get(f"{url}/other")
        except CannotOverwriteExistingCassetteException as error:
            refused = type(error).__name__
    with vcr.use_cassette(str(tape), ignore_localhost=True, record_mode="none"):
        passed = requests.get(f"{url}/other").json()["target"]
    return [kept, refused, passed]
