"""A script written for Requests."""

import sys

import sojourn.compat as requests


def fetch(url: str) -> str:
    r = requests.get(url, params={"q": "tea"}, headers={"Accept": "text/plain"}, timeout=3)
    if r.status_code >= 400:
        sys.exit(f"{r.status_code} {r.reason.lower()} {r.url.lower()}")
    if r.status_code == requests.codes.ok and len(r.content) > 0:
        return r.text
    r.raise_for_status()
    return r.headers["Content-Type"].lower()


def post(url: str) -> list[int]:
    payload = {"key": "value", "many": ["1", "2"]}
    return [
        requests.post(url, data=payload).status_code,
        requests.post(url, json={"a": 1, "b": [None, 2.5]}).status_code,
        requests.put(url, data=b"bytes").status_code,
        requests.patch(url, data="text", auth=("user", "secret")).status_code,
        requests.delete(url, cookies={"sid": "1"}, allow_redirects=False).status_code,
        requests.head(url, verify=False).status_code,
        requests.options(url, proxies={"http": "http://proxy.test"}).status_code,
        requests.request("PURGE", url, stream=True, cert=("a.pem", "a.key")).status_code,
    ]


def guess(r: requests.Response) -> str:
    if r.encoding is None:
        r.encoding = r.apparent_encoding
    return r.text
