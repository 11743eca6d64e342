"""A client for asyncio: verbs are awaited, content is there."""

import asyncio

import sojourn


async def size(session: sojourn.AsyncSession, url: str) -> int:
    response = await session.get(url, params={"q": "tea"}, timeout=3)
    if response.status_code >= 400 or not response.url.startswith("http"):
        return 0
    return len(response.content) + len(response.text)


async def main(urls: list[str]) -> int:
    async with sojourn.AsyncSession(timeout=10) as session:
        session.headers["Accept"] = "text/plain"
        sizes = await asyncio.gather(*(size(session, url) for url in urls))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(session.get(url)) for url in urls]
        return sum(sizes) + sum(task.result().status_code for task in tasks)


asyncio.run(main(["http://127.0.0.1:8000/"]))
