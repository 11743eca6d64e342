"""requests-aws4auth: every part of a request is signed."""

from __future__ import annotations

from typing import Any

import requests
from requests_aws4auth import AWS4Auth

LIBRARIES = ("requests_aws4auth",)


def signed(url: str, path: str) -> Any:
    auth = AWS4Auth("AKID", "secret", "eu-west-1", "s3", session_token="token")
    with requests.Session() as session, open(path, "rb") as file:
        session.auth = auth
        answers = [
            session.get(f"{url}/bucket/a%20key?b=2&a=1"),
            session.get(f"{url}/bucket", params={"list-type": "2", "prefix": "å/"}),
            session.put(f"{url}/bucket/key", data=b"octets"),
            session.post(f"{url}/bucket", data={"name": "ü"}),
            session.post(f"{url}/bucket", files={"file": ("a", b"content")}),
            session.put(f"{url}/bucket/file", data=file),
        ]
    return [each.status_code for each in answers]
