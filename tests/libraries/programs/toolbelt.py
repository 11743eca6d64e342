"""requests-toolbelt: bodies that are read while they are sent, sessions, dumps, credentials."""

from __future__ import annotations

import io
from typing import Any

import requests
from requests_toolbelt import (
    GuessAuth,
    MultipartEncoder,
    MultipartEncoderMonitor,
    StreamingIterator,
    sessions,
    threaded,
)
from requests_toolbelt.adapters.fingerprint import FingerprintAdapter
from requests_toolbelt.auth.http_proxy_digest import HTTPProxyDigestAuth
from requests_toolbelt.downloadutils import tee
from requests_toolbelt.utils import dump

LIBRARIES = ("requests_toolbelt",)


def multipart(url: str, path: str) -> Any:
    seen: list[int] = []
    with open(path, "rb") as file:
        encoder = MultipartEncoder({"name": "värde", "file": ("a.bin", file, "application/x-a")})
        monitor = MultipartEncoderMonitor(encoder, lambda each: seen.append(each.bytes_read))
        response = requests.post(url, data=monitor, headers={"Content-Type": monitor.content_type})
    return {
        "status": response.status_code,
        "size": monitor.len,
        "read": monitor.bytes_read,
        "seen": seen,
        "type": monitor.content_type,
    }


def iterator(url: str) -> Any:
    content = StreamingIterator(6, iter([b"abc", b"def"]))
    return requests.post(url, data=content).json()


def base_url(url: str) -> Any:
    assert issubclass(sessions.BaseUrlSession, requests.Session)
    with sessions.BaseUrlSession(base_url=url) as session:
        prepared = session.prepare_request(requests.Request("GET", "prepared"))
        return [
            session.get("users", params={"page": 2}).json()["target"],
            session.post("/top", json={}).json()["target"],
            session.send(prepared).json()["target"],
        ]


def dumped(url: str) -> Any:
    with requests.Session() as session:
        session.headers["User-Agent"] = "agent"
        response = session.get(f"{url}/redirect")
        form = session.post(f"{url}/form", data={"a": "b"})
    return [dump.dump_all(each).decode() for each in (response, form)]


def downloaded(url: str) -> Any:
    kept = io.BytesIO()
    with requests.get(url, stream=True) as response:
        sizes = [len(piece) for piece in tee.tee(response, kept, chunksize=1000)]
    return {"sizes": sizes, "kept": kept.getvalue().decode()}


def guessed(url: str) -> Any:
    answers = []
    for path in ("/basic-auth/user/secret", "/digest-auth/auth/user/secret"):
        with requests.Session() as session:
            session.auth = GuessAuth("user", "secret")
            first, second = session.get(url + path), session.get(url + path)
            answers.append(
                [
                    first.status_code,
                    [each.status_code for each in first.history],
                    first.json()["user"],
                    first.request.headers["Authorization"].partition(" ")[0],
                    second.status_code,
                ]
            )
    return answers


def through_proxy(proxy: str) -> Any:
    with requests.Session() as session:
        session.proxies = {"http": proxy}
        session.auth = HTTPProxyDigestAuth("user", "secret")
        response = session.get("http://a.test/page?x=1")
        return [
            response.status_code,
            response.text,
            [each.status_code for each in response.history],
        ]


def pooled(url: str) -> Any:
    answers, errors = threaded.map(
        [{"method": "GET", "url": f"{url}/{number}"} for number in range(6)], num_processes=2
    )
    return [sorted(each.json()["target"] for each in answers), [str(each) for each in errors]]


def fingerprint(url: str, ca: str, *fingerprints: str) -> Any:
    outcomes = []
    for each in fingerprints:
        with requests.Session() as session:
            session.mount("https://", FingerprintAdapter(each))
            try:
                outcomes.append(session.get(url, verify=ca).status_code)
            except requests.exceptions.SSLError:
                outcomes.append("SSLError")
    return outcomes
