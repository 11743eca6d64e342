"""Sessions as Requests' users derive them."""

from typing import Any

import sojourn.compat as requests


class WithBase(requests.Session):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.headers.update({"X-Api-Key": "key"})
        self.auth = ("user", "secret")
        self.verify = False
        self.params["lang"] = "en"
        self.proxies["http"] = "http://proxy.test"
        self.cookies.set("sid", "1", domain="a.test")

    def request(
        self, method: str, url: str | bytes, *args: Any, **kwargs: Any
    ) -> requests.Response:
        whole = self.base + (url if isinstance(url, str) else url.decode())
        return super().request(method, whole, *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", 3)
        return super().send(request, **kwargs)

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        if response.status_code == 307:
            super().rebuild_auth(prepared_request, response)

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        return super().should_strip_auth(old_url, new_url)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return super().get_redirect_target(resp)


def run() -> int:
    with WithBase("http://127.0.0.1:8000") as session:
        r = session.get("/a", params=[("a", "1")])
        hops = [hop.status_code for hop in r.history]
        prepared = session.prepare_request(requests.Request("GET", "http://a.test/"))
        settings = session.merge_environment_settings("http://a.test/", {}, None, None, None)
        return session.send(prepared, **settings).status_code + sum(hops)
