"""Drivers at message level, and transports within the process, pass their part of the kit."""

from __future__ import annotations

from sojourn.testing.conformance.messages import message_conformance

from .message_drivers import (
    ASGI,
    WSGI,
    Async,
    AsyncMock,
    HttpClient,
    Mock,
    Page,
    PyCurl,
    Routed,
    Sync,
    Urllib3,
)

test_sync = message_conformance(Sync)
test_asyncio = message_conformance(Async)
test_urllib3 = message_conformance(Urllib3)
test_http_client = message_conformance(HttpClient)
test_page = message_conformance(Page)
test_pycurl = message_conformance(PyCurl)
test_mock = message_conformance(Mock)
test_async_mock = message_conformance(AsyncMock)
test_router = message_conformance(Routed)
test_wsgi = message_conformance(WSGI)
test_asgi = message_conformance(ASGI)
