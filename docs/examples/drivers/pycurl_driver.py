"""A driver over libcurl: Sojourn's session decides, and curl moves the bytes, whole responses.

python docs/examples/drivers/pycurl_driver.py https://example.org/ ...
"""

import math
import os
import ssl
import sys
import time

import certifi
import pycurl

import sojourn_core as core
from sojourn_core import errors as e

UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # A plan of https has one; the TLS is curl's.
LONG = 3600.0  # Seconds, for times without a limit.
ADDED = ("Accept:", "Expect:", "User-Agent:", "Content-Type:")  # By curl, unless it is told not to.
IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}
UNSENT = {
    pycurl.E_COULDNT_RESOLVE_HOST: e.NameResolutionError,
    pycurl.E_COULDNT_RESOLVE_PROXY: e.ProxyError,
    pycurl.E_COULDNT_CONNECT: e.ConnectionError,
    pycurl.E_PEER_FAILED_VERIFICATION: e.SSLError,
    pycurl.E_SSL_CONNECT_ERROR: e.SSLError,
}
SENT = {
    pycurl.E_PARTIAL_FILE: e.ChunkedEncodingError,
    pycurl.E_UNSUPPORTED_PROTOCOL: e.RemoteProtocolError,
    pycurl.E_FTP_WEIRD_SERVER_REPLY: e.RemoteProtocolError,
}


class Client:
    """A session over libcurl, and its ``Messenger``; the settings are those of the session."""

    now = staticmethod(time.monotonic)

    def __init__(self, **settings):
        self.session = core.Session(entropy=os.urandom, **settings)
        self.curl = pycurl.Curl()

    def fetch(self, method, url, *, timeout=None, **request):
        """Return the response to a request, its content read."""
        self.session.set_clock(self.now(), time.time())
        settings = self.session.settings_for(timeout=timeout)
        call = self.session.call(core.Request(method, url, **request), settings=settings)
        return core.drive_call(call, self)

    def send(self, call, command):
        """Send one request, and return its response."""
        context = UNUSED if command.request.url.startswith("https:") else None
        plan = core.plan_exchange(command, limits=self.session.limits, tls_context=context)
        transfer = Transfer(self.curl, plan)
        try:
            self.curl.perform()
        except pycurl.error as error:
            raise transfer.failed or named(self.curl, plan, *error.args) from error
        response = call.respond(transfer.head())
        response.raw = b"".join(transfer.content)
        return response

    def load(self, response):
        """Give the response its content, which is there."""
        response.give(response.raw)

    def discard(self, response, limit, deadline):
        """Do nothing: all of it has come."""

    def sleep_until(self, when):
        """Wait before a request is sent again."""
        time.sleep(max(when - self.now(), 0))

    def close(self):
        """Close the connections that are kept."""
        self.curl.close()


class Transfer:
    """One request as curl is told of it, and what came of it."""

    def __init__(self, curl, plan):
        self.lines, self.content, self.failed = [], [], None
        request, content, proxy = plan.request, plan.content, plan.key.route.proxy
        lines = [f"{name}: {value}" if value else f"{name};" for name, value in request.lines]
        given = {name.lower() for name, _ in request.lines}
        lines += [each for each in ADDED if each.rstrip(":").lower() not in given]
        timeouts, left = plan.timeouts, min(plan.deadline - time.monotonic(), LONG)
        options = {
            pycurl.URL: f"{plan.origin}/",
            pycurl.REQUEST_TARGET: request.target,
            pycurl.CUSTOMREQUEST: request.method,
            pycurl.NOBODY: request.method == "HEAD",
            pycurl.HTTPHEADER: [line.encode("latin-1") for line in lines],
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.PROXY: "" if proxy is None else str(proxy.url.origin),
            pycurl.HTTPPROXYTUNNEL: plan.tunnel is not None,
            pycurl.CAINFO: certifi.where(),
            # Curl sends again by itself what a kept connection has lost.
            pycurl.FRESH_CONNECT: plan.fresh or request.method not in IDEMPOTENT,
            pycurl.CONNECTTIMEOUT_MS: math.ceil(1000 * min(timeouts.connect or LONG, left)),
            pycurl.LOW_SPEED_LIMIT: 1,
            pycurl.LOW_SPEED_TIME: math.ceil(timeouts.read or LONG),
            pycurl.TIMEOUT_MS: math.ceil(1000 * left),
            pycurl.HEADERFUNCTION: self.lines.append,
            pycurl.WRITEFUNCTION: self.content.append,
        }
        if plan.tunnel is not None and plan.tunnel.credential is not None:
            options[pycurl.PROXYHEADER] = [f"Proxy-Authorization: {plan.tunnel.credential}"]
        if content is not None:
            whole = not isinstance(content, core.Content)
            self.pieces, self.held = iter([content]) if whole else core.shielded(content), b""
            options |= {pycurl.UPLOAD: 1, pycurl.READFUNCTION: self.read}
        curl.reset()
        for option, value in options.items():
            curl.setopt(option, value)

    def read(self, size):
        """Give curl some of the request's content, nothing at its end."""
        try:
            self.held = self.held or next(self.pieces, b"")
        except core.ContentError as error:
            self.failed = error
            return pycurl.READFUNC_ABORT
        piece, self.held = self.held[:size], self.held[size:]
        return piece

    def head(self):
        """Return the last head, for others were informational, or answered CONNECT."""
        blocks = b"".join(self.lines).decode("latin-1").split("\r\n\r\n")
        start, *lines = [each for each in blocks if each.startswith("HTTP/")][-1].split("\r\n")
        _, status, reason = [*start.split(" ", 2), ""][:3]
        pairs = [line.partition(":")[::2] for line in lines]
        fields = core.Fields.from_lines([(name, value.strip()) for name, value in pairs])
        return core.ResponseHead(int(status), fields, reason)


def named(curl, plan, code, said):
    """Return the error for a code of curl."""
    said = f"no answer from {plan.place}: {said}"
    if code in UNSENT or not curl.getinfo(pycurl.PRETRANSFER_TIME):
        usual = e.ConnectTimeout if code == pycurl.E_OPERATION_TIMEDOUT else e.ConnectionError
        return UNSENT.get(code, usual)(said, maybe_sent=False)
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return TimeoutError(said)  # The call knows whether it is the time of the whole.
    progress = e.Progress(octets_written=curl.getinfo(pycurl.REQUEST_SIZE))
    return SENT.get(code, e.ConnectionError)(said, progress=progress)


if __name__ == "__main__":
    for url in sys.argv[1:]:
        print(Client().fetch("GET", url, timeout=10).text)
