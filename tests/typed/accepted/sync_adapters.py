"""Transports of one's own, and where they are mounted."""

from typing import Any

import sojourn


class Logging(sojourn.HTTPAdapter):
    def send(
        self,
        request: sojourn.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
    ) -> sojourn.Response:
        response = super().send(request, stream, timeout, verify, cert, proxies)
        print(request.method, request.url, response.status_code)
        return response


class Short(sojourn.HTTPAdapter):
    def send(self, request: sojourn.PreparedRequest, *args: Any, **kwargs: Any) -> sojourn.Response:
        return super().send(request, *args, **kwargs)


class Canned(sojourn.BaseAdapter):
    def send(
        self,
        request: sojourn.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> sojourn.Response:
        response = sojourn.Response()
        response.status_code = 200
        response.url = request.url or ""
        response.reason = "OK"
        response.request = request
        response.headers["Content-Type"] = "text/plain"
        return response

    def close(self) -> None:
        pass


def mounted() -> sojourn.BaseAdapter:
    with sojourn.Session(pool=sojourn.PoolLimits(idle_max=4)) as session:
        session.mount("https://", Logging())
        session.mount("http://short.test/", Short())
        session.mount("canned://", Canned())
        adapter = session.get_adapter("canned://a")
        prepared = session.prepare_request(sojourn.Request("GET", "canned://a"))
        assert adapter.send(prepared, timeout=3).ok
        for prefix in session.adapters:
            print(prefix)
        return adapter


def counted(session: sojourn.Session) -> dict[str, int]:
    own = sojourn.HTTPAdapter(pool=sojourn.PoolLimits(connections_max=2))
    session.mount("https://", own)
    counts = session.connections
    waiting: int = counts.waiting
    own.looks_after_idle = False
    return {reason.value: count for reason, count in own.pool.gone.items()} | {"waiting": waiting}
