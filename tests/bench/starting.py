"""Fresh processes: what an import takes, and the first response.

Each statement is run by an interpreter of its own, whose start counts. ``bare`` is that start.
"""

from __future__ import annotations

from typing import Final

# Each takes the URL for its first request from the command line.
IMPORTS: Final = {
    "bare": "pass",
    "sojourn": "import sojourn; sojourn.Session",
    "sojourn_async": "import asyncio, sojourn; sojourn.AsyncSession",
    "requests": "import requests",
    "httpx": "import httpx",
    "urllib3": "import urllib3",
    "http_client": "import http.client",
    "aiohttp": "import aiohttp",
    "niquests": "import niquests",
    "pycurl": "import pycurl",
}

_WITH_REQUESTS: Final = "content = {0}.Session().get(url).content"
_FIRSTS: Final = {
    "bare": "content = 100 * b'.'",
    "sojourn": "import sojourn; " + _WITH_REQUESTS.format("sojourn"),
    "requests": "import requests; " + _WITH_REQUESTS.format("requests"),
    "niquests": "import niquests; " + _WITH_REQUESTS.format("niquests"),
    "httpx": "import httpx; content = httpx.Client().get(url).content",
    "urllib3": "import urllib3; content = urllib3.PoolManager().request('GET', url).data",
    "http_client": """\
import http.client
from urllib.parse import urlsplit
parts = urlsplit(url)
connection = http.client.HTTPConnection(parts.hostname, parts.port)
connection.request('GET', parts.path)
content = connection.getresponse().read()""",
    "sojourn_async": """\
import asyncio, sojourn
async def main():
    async with sojourn.AsyncSession() as session:
        return (await session.get(url)).content
content = asyncio.run(main())""",
    "aiohttp": """\
import asyncio, aiohttp
async def main():
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.read()
content = asyncio.run(main())""",
    "pycurl": """\
import io, pycurl
made = io.BytesIO()
curl = pycurl.Curl()
curl.setopt(pycurl.URL, url)
curl.setopt(pycurl.WRITEDATA, made)
curl.perform()
content = made.getvalue()""",
}
FIRSTS: Final = {
    peer: f"import sys; url = sys.argv[1]\n{statement}\nassert len(content) == 100"
    for peer, statement in _FIRSTS.items()
}
