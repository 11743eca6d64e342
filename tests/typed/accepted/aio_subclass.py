"""A session for asyncio of one's own."""

from typing import Any

import sojourn


class WithBase(sojourn.AsyncSession):
    base = "http://127.0.0.1:8000"

    async def request(
        self, method: str, url: str | bytes, *args: Any, **kwargs: Any
    ) -> sojourn.AsyncResponse:
        whole = self.base + (url if isinstance(url, str) else url.decode())
        return await super().request(method, whole, *args, **kwargs)


class Counting(sojourn.AsyncSession):
    sent = 0

    async def send(self, request: sojourn.PreparedRequest, **kwargs: Any) -> sojourn.AsyncResponse:
        self.sent += 1
        return await super().send(request, **kwargs)

    def rebuild_auth(
        self, prepared_request: sojourn.PreparedRequest, response: sojourn.AsyncResponse
    ) -> None:
        super().rebuild_auth(prepared_request, response)

    def get_redirect_target(self, resp: sojourn.AsyncResponse) -> str | None:
        return super().get_redirect_target(resp)


async def run() -> int:
    async with WithBase() as based, Counting() as counting:
        first = await based.get("/a")
        second = await counting.post("http://a.test/", {"a": "1"})
        return first.status_code + second.status_code
