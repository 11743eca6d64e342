"""A transport for asyncio of one's own."""

from typing import Any

import sojourn


class Logging(sojourn.AsyncHTTPAdapter):
    async def send(
        self,
        request: sojourn.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> sojourn.AsyncResponse:
        response = await super().send(request, stream, timeout, verify, cert, proxies)
        print(request.method, response.status_code)
        return response


class Canned:
    async def send(self, request: sojourn.PreparedRequest, **given: Any) -> sojourn.AsyncResponse:
        response = sojourn.AsyncResponse()
        response.status_code = 200
        response.request = request
        return response

    async def close(self) -> None:
        pass


async def run(url: str) -> bool:
    async with sojourn.AsyncSession() as session:
        session.mount("http://", Logging())
        session.mount("canned://", Canned())
        prepared = session.prepare_request(sojourn.Request("GET", url))
        return (await session.get_adapter(url).send(prepared, timeout=3)).ok
