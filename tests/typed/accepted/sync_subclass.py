"""Sessions of one's own, which override what Requests' users override."""

from collections.abc import Iterator
from typing import Any

import sojourn


class WithBase(sojourn.Session):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> sojourn.Response:
        kwargs.setdefault("timeout", 10)
        whole = self.base + (url if isinstance(url, str) else url.decode())
        return super().request(method, whole, *args, **kwargs)


class Counting(sojourn.Session):
    sent = 0

    def send(self, request: sojourn.PreparedRequest, **kwargs: Any) -> sojourn.Response:
        self.sent += 1
        response = super().send(request, **kwargs)
        assert response.status_code < 600
        return response


class Careful(sojourn.Session):
    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        return True

    def get_redirect_target(self, resp: sojourn.Response) -> str | None:
        target = super().get_redirect_target(resp)
        return target if target is None else target.replace("http:", "https:")

    def rebuild_auth(
        self, prepared_request: sojourn.PreparedRequest, response: sojourn.Response
    ) -> None:
        prepared_request.headers.pop("X-Secret", None)
        super().rebuild_auth(prepared_request, response)

    def rebuild_method(
        self, prepared_request: sojourn.PreparedRequest, response: sojourn.Response
    ) -> None:
        if response.status_code != 307:
            super().rebuild_method(prepared_request, response)

    def rebuild_proxies(
        self, prepared_request: sojourn.PreparedRequest, proxies: dict[str, str] | None
    ) -> dict[str, str]:
        return super().rebuild_proxies(prepared_request, proxies)

    def resolve_redirects(
        self, resp: sojourn.Response, req: sojourn.PreparedRequest, *args: Any, **kwargs: Any
    ) -> Iterator[sojourn.Response]:
        for response in super().resolve_redirects(resp, req, *args, **kwargs):
            print(response.url)
            yield response

    def prepare_request(self, request: sojourn.Request) -> sojourn.PreparedRequest:
        prepared = super().prepare_request(request)
        prepared.headers["X-Careful"] = "yes"
        return prepared

    def merge_environment_settings(
        self, url: str, proxies: Any, stream: bool | None, verify: Any, cert: Any
    ) -> dict[str, Any]:
        return super().merge_environment_settings(url, proxies, stream, verify, cert)


def run() -> list[sojourn.Response]:
    with WithBase("http://127.0.0.1:8000") as based, Counting() as counting, Careful() as careful:
        return [based.get("/a"), counting.get("http://a.test/"), careful.post("http://a.test/")]
