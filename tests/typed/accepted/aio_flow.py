"""Credentials and hooks for asyncio; a flow for both bindings names the core's response."""

from typing import Any

import sojourn
import sojourn_core


class Renewing(sojourn.AuthFlow):
    def respond(
        self, request: sojourn.PreparedRequest, response: sojourn_core.Response
    ) -> sojourn.PreparedRequest | None:
        if response.status_code != 401:
            return None
        request.headers["Authorization"] = "Bearer of-mine"
        return request


class Awaited(sojourn.AuthFlow):
    reads_content = True

    def respond(
        self, request: sojourn.PreparedRequest, response: sojourn.AsyncResponse
    ) -> sojourn.PreparedRequest | None:
        return request if b"again" in response.content else None


def noted(response: sojourn.AsyncResponse, **kwargs: Any) -> None:
    print(response.status_code)


async def read(response: sojourn.AsyncResponse, **kwargs: Any) -> None:
    await response.read()


async def run(url: str) -> int:
    async with sojourn.AsyncSession() as session:
        session.auth = Renewing()
        first = await session.get(url, hooks={"response": noted})
        second = await session.get(url, auth=Awaited(), hooks={"response": [noted, read]})
        return first.status_code + second.status_code
