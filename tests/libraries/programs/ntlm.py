"""requests-ntlm: a hook that sends two more requests on the connection of the first."""

from __future__ import annotations

from typing import Any

import requests
from requests_ntlm import HttpNtlmAuth

LIBRARIES = ("requests_ntlm",)


def authenticated(url: str) -> Any:
    with requests.Session() as session:
        # Without the hash of a certificate, which it takes from urllib3's own class only.
        session.auth = HttpNtlmAuth("DOMAIN\\user", "secret", send_cbt=False)
        first = session.post(url, data=b"content")
        statuses = [each.status_code for each in first.history]
        session.auth = HttpNtlmAuth("DOMAIN\\user", "wrong", send_cbt=False)
        return [first.status_code, first.text, statuses, session.get(url).status_code]
