"""A driver over fetch, in Pyodide: Sojourn's session decides, and JavaScript moves the bytes.

In Node, where ``redirect: "manual"`` shows the response, it does all that a session does. A browser
takes this away: a redirect is an opaque response there, without status and Location, so only
what does not redirect can be asked; fields such as Cookie, Host and Origin cannot be set, and
Set-Cookie cannot be seen. The browser's own jar, and CORS, take their place.
"""

import asyncio
import os
import time

from js import AbortSignal, Object, fetch
from pyodide.ffi import JsException, to_js

import sojourn_core as core
from sojourn_core import errors as e

UNUSED = object()  # A plan of https has a TLS context; the TLS is fetch's.
LONG = 3600.0  # Seconds, for times without a limit.
# Fetch frames the content, and manages connections (Fetch, "forbidden request-header").
OWN = {"host", "connection", "content-length", "transfer-encoding", "expect"}


class Client:
    """A session over fetch, and its ``AsyncMessenger``; the settings are those of the session."""

    now = staticmethod(time.monotonic)

    def __init__(self, **settings):
        self.session = core.Session(entropy=os.urandom, **settings)

    async def fetch(self, method, url, *, timeout=None, stream=False, **request):
        """Return the response to a request, its content read unless it is streamed."""
        self.session.set_clock(self.now(), time.time())
        settings = self.session.settings_for(timeout=timeout, stream=stream)
        call = self.session.call(core.Request(method, url, **request), settings=settings)
        return await core.drive_call_async(call, self)

    async def send(self, call, command):
        """Send one request, and return its response, the content not yet read."""
        context = UNUSED if command.request.url.startswith("https:") else None
        plan = core.plan_exchange(command, limits=self.session.limits, tls_context=context)
        if plan.key.route.proxy is not None:
            raise e.ProxyError("fetch takes no proxy", maybe_sent=False)
        content, streamed = plan.content, isinstance(plan.content, core.Content)
        if streamed:
            content = b"".join([piece async for piece in core.shielded_async(content)])
        lines = [[name, value] for name, value in plan.request.lines if name.lower() not in OWN]
        seconds = min(plan.timeouts.read or LONG, plan.deadline - self.now(), LONG)
        options = {
            "method": plan.request.method,
            "headers": lines,
            "redirect": "manual",
            "credentials": "omit",
            "cache": "no-store",
            "signal": AbortSignal.timeout(int(1000 * seconds)),
        }
        if content:
            options["body"] = content
        url = f"{plan.origin}{plan.request.target}"
        try:
            answer = await fetch(url, to_js(options, dict_converter=Object.fromEntries))
        except JsException as error:
            raise named(error, plan) from error
        if answer.type == "opaqueredirect":
            raise e.RedirectRefused(f"the browser does not show where {plan.origin} redirects to")
        fields = core.Fields.from_lines([tuple(line) for line in answer.headers.entries()])
        response = call.respond(core.ResponseHead(answer.status, fields, answer.statusText))
        response.raw = answer
        return response

    async def load(self, response):
        """Read all of the content, whose codings fetch has removed, and keep it."""
        try:
            content = await response.raw.arrayBuffer()
        except JsException as error:
            raise e.ChunkedEncodingError(f"the content was lost: {error}") from error
        response.give(content.to_bytes(), decoded=True)

    async def discard(self, response, limit, deadline):
        """Leave the rest."""
        if response.raw.body:
            await response.raw.body.cancel()

    async def sleep_until(self, when):
        """Wait before a request is sent again."""
        await asyncio.sleep(max(when - self.now(), 0))

    async def pieces(self, response):
        """Give the content of a response that is streamed, as it comes."""
        pipeline = response.pipeline(None, decoded=True)
        reader = response.raw.body.getReader()
        try:
            while not (step := await reader.read()).done:
                for piece in pipeline.feed(step.value.to_bytes()):
                    yield piece
        except JsException as error:
            raise e.ChunkedEncodingError(f"the content was lost: {error}") from error
        finally:
            await reader.cancel()


def named(error, plan):
    """Return the error for what fetch has thrown, whose message says little."""
    if error.name in ("TimeoutError", "AbortError"):
        return e.ReadTimeout(f"no answer from {plan.place}")
    cause = getattr(error, "cause", None)
    said = f"no answer from {plan.place}: {getattr(cause, 'message', error.message)}"
    refused = getattr(cause, "code", "") in ("ECONNREFUSED", "ENOTFOUND")
    return e.ConnectionError(said, maybe_sent=not refused)
