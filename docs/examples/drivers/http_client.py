"""A driver over http.client: Sojourn's session decides, and the standard library moves the bytes.

python docs/examples/drivers/http_client.py https://example.org/ ...
"""

import os
import select
import ssl
import sys
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection

import certifi

import sojourn_core as core
from sojourn_core import errors as e

LONG = 3600.0  # Seconds, for times without a limit.


class Client:
    """A session over http.client, and its ``Messenger``; the settings are those of the session."""

    now = staticmethod(time.monotonic)

    def __init__(self, trust=None, **settings):
        self.session = core.Session(entropy=os.urandom, **settings)
        self.trust = trust or ssl.create_default_context(cafile=certifi.where())
        self.idle = {}  # One connection for each key under which it may be shared.

    def fetch(self, method, url, *, timeout=None, stream=False, **request):
        """Return the response to a request, its content read unless it is streamed."""
        self.session.set_clock(self.now(), time.time())
        settings = self.session.settings_for(timeout=timeout, stream=stream)
        call = self.session.call(core.Request(method, url, **request), settings=settings)
        return core.drive_call(call, self)

    def send(self, call, command):
        """Send one request, and return its response, the content not yet read."""
        context = self.trust if command.request.url.startswith("https:") else None
        plan = core.plan_exchange(command, limits=self.session.limits, tls_context=context)
        used = None if plan.fresh else self.idle.pop(plan.key, None)
        if used is not None and select.select([used.sock], [], [], 0)[0]:
            used.close()  # The server has closed it, or says what nobody asked for.
            used = None
        connection = used or connect(plan)
        try:
            connection.sock.settimeout(seconds(plan, plan.timeouts.read))
            write(connection, plan)
            answer = connection.getresponse()
        except BaseException as error:
            connection.close()
            if isinstance(error, TimeoutError) or not isinstance(error, OSError | HTTPException):
                raise
            kind = e.ConnectionError if isinstance(error, OSError) else e.RemoteProtocolError
            raised = kind(f"no answer from {plan.place}: {error!r}")
            raised.progress = e.Progress(reused=used is not None, octets_written=1)  # Or more.
            raise raised from error
        fields = core.Fields.from_lines(answer.getheaders())
        response = call.respond(core.ResponseHead(answer.status, fields, answer.reason))
        response.raw, response.connection = answer, (connection, plan)
        return response

    def load(self, response):
        """Read all of the content, and keep it."""
        response.give(b"".join(self.pieces(response)), decoded=True)

    def discard(self, response, limit, deadline):
        """Read what is left if that is little, else close the connection."""
        if (response.raw.length or 0) <= limit:
            response.raw.read(limit)
        self.let_go(response)

    def sleep_until(self, when):
        """Wait before a request is sent again."""
        time.sleep(max(when - self.now(), 0))

    def pieces(self, response):
        """Give the content as it comes, its codings removed."""
        answer, pipeline = response.raw, response.pipeline(None)
        try:
            while data := read(answer):
                yield from pipeline.feed(data)
            yield from pipeline.finish()
        finally:
            self.let_go(response)

    def let_go(self, response):
        """Keep the connection if the content has ended, else close it."""
        connection, plan = response.connection
        if response.raw.isclosed() and connection.sock is not None and plan.key not in self.idle:
            self.idle[plan.key] = connection
        else:
            connection.close()

    def close(self):
        """Close the connections that are kept."""
        while self.idle:
            self.idle.popitem()[1].close()


def seconds(plan, timeout):
    """Return how long the next step may take."""
    return max(min(timeout or LONG, plan.deadline - time.monotonic(), LONG), 0.001)


def connect(plan):
    """Connect to where the plan says; what needs TLS goes through a proxy by a tunnel."""
    place, left = (plan.host, plan.port), seconds(plan, plan.timeouts.connect)
    secure = {} if plan.tls_context is None else {"context": plan.tls_context}
    connection = (HTTPSConnection if secure else HTTPConnection)(*place, timeout=left, **secure)
    if plan.tunnel is not None:
        field = plan.tunnel.credential
        told = {} if field is None else {"Proxy-Authorization": field}
        connection.set_tunnel(plan.tunnel.authority, headers=told)
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        late, tls = isinstance(error, TimeoutError), isinstance(error, ssl.SSLError)
        kind = e.ConnectTimeout if late else e.SSLError if tls else e.ConnectionError
        raise kind(f"cannot connect to {plan.place}: {error}", maybe_sent=False) from error
    return connection


def write(connection, plan):
    """Write a request as it is planned."""
    request, content = plan.request, plan.content
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.lines:
        connection.putheader(name, value)
    chunked = ("Transfer-Encoding", "chunked") in request.lines
    pieces = core.shielded(content) if isinstance(content, core.Content) else content
    connection.endheaders(pieces, encode_chunked=chunked)


def read(answer):
    """Read some of the content, nothing at its end. If it ends early, http.client is silent."""
    try:
        data = answer.read1(65536)
    except (OSError, HTTPException) as error:
        kind = e.StalledContent if isinstance(error, TimeoutError) else e.ChunkedEncodingError
        raise kind(f"the content was lost: {error!r}") from error
    if not data and answer.length:
        raise e.ChunkedEncodingError(f"{answer.length} bytes of the content are missing")
    if not data:
        answer.close()  # ``read1`` leaves that to others.
    return data


if __name__ == "__main__":
    for url in sys.argv[1:]:
        print(Client().fetch("GET", url, timeout=10).text)
