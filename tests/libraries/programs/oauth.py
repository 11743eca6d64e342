"""requests-oauthlib: requests that are signed, and tokens that are fetched and refreshed."""

from __future__ import annotations

import os
import time
from typing import Any

import requests
from requests_oauthlib import OAuth1, OAuth1Session, OAuth2Session

LIBRARIES = ("requests_oauthlib",)

KEYS = ("client", "client secret", "owner", "owner secret")


def signed(url: str) -> Any:
    assert issubclass(OAuth1Session, requests.Session)
    with OAuth1Session(*KEYS) as session:
        answers = [
            session.get(url, params={"q": "å b", "a": "1"}),
            session.post(url, data={"text": "2 + 3 = 5", "ü": "&"}),
            session.put(url, json={"a": 1}),
            session.get(f"{url}/redirect"),
        ]
    for signature_type in ("body", "query"):
        auth = OAuth1(*KEYS, signature_type=signature_type)
        answers.append(requests.post(url, data={"x": "y z"}, auth=auth))
    return [each.status_code for each in answers]


def refreshed(url: str) -> Any:
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    saved: list[Any] = []
    old = {"access_token": "old", "token_type": "Bearer", "refresh_token": "r1"}
    old["expires_at"] = str(time.time() - 60)
    with OAuth2Session(
        "client",
        token=old,
        auto_refresh_url=f"{url}/token",
        auto_refresh_kwargs={"client_id": "client"},
        token_updater=saved.append,
    ) as session:
        answers = [session.get(f"{url}/me").json(), session.post(f"{url}/me", data="x").json()]
    return [answers, [each["access_token"] for each in saved]]
