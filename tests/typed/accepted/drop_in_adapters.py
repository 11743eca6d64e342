"""Transports as Requests' users derive and mount them."""

from typing import Any

import sojourn.compat as requests
from sojourn.compat.adapters import BaseAdapter, HTTPAdapter


class WithTimeout(HTTPAdapter):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(pool_connections=4, pool_maxsize=4, max_retries=3, pool_block=True)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
    ) -> requests.Response:
        return super().send(request, stream, timeout or self.seconds, verify, cert, proxies)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        request.headers["X-Added"] = "1"

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        return super().build_response(req, resp)


class Canned(BaseAdapter):
    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
    ) -> requests.Response:
        response = requests.Response()
        response.status_code = 200
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        pass


def mounted(url: str) -> BaseAdapter:
    with requests.Session() as session:
        session.mount("https://", WithTimeout(3))
        session.mount("canned://", Canned())
        return session.get_adapter(url)
