"""azure-core: a pipeline over ``RequestsTransport``, and its generators of content."""

from __future__ import annotations

import logging
from typing import Any

import requests
from azure.core import PipelineClient
from azure.core.configuration import Configuration
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline import policies
from azure.core.pipeline.transport import HttpRequest as OldRequest
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest

LIBRARIES = ("azure",)

logging.getLogger("azure").setLevel(logging.CRITICAL)  # It says what a test provokes.
requests.packages.urllib3.disable_warnings()  # Of ``connection_verify=False``.


def client(url: str, *own: Any, **options: Any) -> PipelineClient[Any, Any]:
    chain = [
        policies.HeadersPolicy({"X-Own": "own"}),
        policies.UserAgentPolicy(user_agent="program"),
        policies.RedirectPolicy(),
        policies.RetryPolicy(retry_total=2, retry_backoff_factor=0.0, retry_status=2),
        *own,
    ]
    transport = RequestsTransport(**options)
    return PipelineClient(url, config=Configuration(), policies=chain, transport=transport)


def sent(url: str) -> Any:
    key = AzureKeyCredential("key")
    with client(url, policies.AzureKeyCredentialPolicy(key, "X-Key")) as pipeline:
        sends = {
            "get": HttpRequest("GET", f"{url}/a", params={"b": "c d"}, headers={"X-Call": "call"}),
            "json": HttpRequest("PUT", f"{url}/json", json={"a": [1, "ü"]}),
            "form": HttpRequest("POST", f"{url}/form", data={"a": "b", "c": "d e"}),
            "text": HttpRequest("POST", f"{url}/text", content="text"),
            "octets": HttpRequest("POST", f"{url}/octets", content=b"octets"),
            "pieces": HttpRequest("POST", f"{url}/pieces", content=iter([b"one", b"two"])),
            "patch": HttpRequest("PATCH", f"{url}/patch", json=None),
            "delete": HttpRequest("DELETE", f"{url}/delete"),
            "redirect": HttpRequest("GET", f"{url}/chain/2"),
            "post 307": HttpRequest("POST", f"{url}/redirect/307", content=b"again"),
        }
        return {name: told(pipeline.send_request(each)) for name, each in sends.items()}


def told(response: Any) -> Any:
    seen = response.json()
    for name in ("host", "accept", "connection", "accept-encoding", "user-agent"):
        seen["fields"].pop(name, None)
    return [response.status_code, seen["method"], seen["target"], seen["content"], seen["fields"]]


def multipart(url: str) -> Any:
    with client(url) as pipeline:
        files = {"file": ("a.bin", b"content", "application/x-own"), "text": (None, "text")}
        request = HttpRequest("POST", f"{url}/multipart", files=files, data={"a": "b"})
        seen = pipeline.send_request(request).json()
        kind, _, border = seen["fields"]["content-type"].partition("; boundary=")
        return [kind, seen["content"].replace(border, "BORDER"), seen["fields"]["content-length"]]


def received(url: str) -> Any:
    found = {}
    with client(url) as pipeline:
        for page in ("content", "chunked", "gzip", "deflate", "status/204"):
            whole = pipeline.send_request(HttpRequest("GET", f"{url}/{page}"))
            request = HttpRequest("GET", f"{url}/{page}")
            with pipeline.send_request(request, stream=True) as streamed:
                pieces = list(streamed.iter_bytes())
            request = HttpRequest("GET", f"{url}/{page}")
            with pipeline.send_request(request, stream=True) as response:
                raw = b"".join(response.iter_raw())
            old = pipeline._pipeline.run(OldRequest("GET", f"{url}/{page}"), stream=True)
            generator = old.http_response.stream_download(pipeline._pipeline)
            found[page] = {
                "status": [whole.status_code, whole.reason, whole.content_type, whole.encoding],
                "text": [len(whole.text()), len(whole.content), whole.read() == whole.content],
                "streamed": [len(b"".join(pieces)), len(pieces), streamed.is_closed],
                "raw": [raw[:6].hex() if page != "gzip" else raw[:2].hex(), raw != whole.content],
                "generator": [len(generator), b"".join(generator) == whole.content],
                "fields": sorted(whole.headers),
            }
    return found


def error_of(program: Any) -> list[Any]:
    try:
        program()
    except AzureError as error:
        cause = error.inner_exception
        return [type(error).__name__, isinstance(cause, requests.RequestException)]
    return ["none"]


def failed(url: str, silent: str, nobody: str) -> Any:
    def read(page: str, **options: Any) -> Any:
        with pipeline.send_request(
            HttpRequest("GET", f"{url}{page}", **options), stream=True
        ) as response:
            return b"".join(response.iter_bytes())

    def download(page: str) -> Any:
        old = pipeline._pipeline.run(OldRequest("GET", f"{url}{page}"), stream=True)
        return b"".join(old.http_response.stream_download(pipeline._pipeline))

    found: dict[str, Any] = {}
    with client(url) as pipeline:
        for page in ("/short", "/short-chunks", "/bad-gzip", "/nothing"):
            get = HttpRequest("GET", f"{url}{page}")
            found[page] = [
                error_of(lambda get=get: pipeline.send_request(get)),
                error_of(lambda page=page: read(page)),
                error_of(lambda page=page: download(page)),
            ]
        get = HttpRequest("GET", silent)
        found["silent"] = error_of(lambda: pipeline.send_request(get, read_timeout=0.2))
        found["nobody"] = error_of(lambda: pipeline.send_request(HttpRequest("GET", nobody)))[:1]
        found["404"] = error_of(
            lambda: pipeline.send_request(
                HttpRequest("GET", f"{url}/status/404")
            ).raise_for_status()
        )
        found["retried"] = pipeline.send_request(
            HttpRequest("GET", f"{url}/status/503")
        ).status_code
        found["after"] = pipeline.send_request(HttpRequest("GET", f"{url}/a")).status_code
    return found


def configured(url: str, authority: str, certificate: str, proxy: str, plain: str) -> Any:
    with client(url, connection_verify=authority, connection_cert=certificate) as pipeline:
        trusted = pipeline.send_request(HttpRequest("GET", f"{url}/a")).status_code
    with client(url) as pipeline:
        refused = error_of(lambda: pipeline.send_request(HttpRequest("GET", f"{url}/a")))
        unverified = pipeline.send_request(HttpRequest("GET", f"{url}/a"), connection_verify=False)
    options = {"session_owner": False, "connection_verify": authority}
    with requests.Session() as session, client(url, session=session, **options) as own:
        session.headers["X-Session"] = "session"
        fields = own.send_request(HttpRequest("GET", f"{url}/own")).json()["fields"]
    with client(plain, policies.ProxyPolicy(proxies={"http": proxy})) as pipeline:
        by_proxy = pipeline.send_request(HttpRequest("GET", f"{plain}/by-proxy")).json()["target"]
    return [trusted, refused, unverified.status_code, fields["x-session"], by_proxy]
