"""What the server of these programs answers, page by page.

Most programs send something to ``/echo``, which says in JSON what it got, and print what it said.
The other pages each play one thing that servers do: redirects, cookies, codings, streams, faults.
"""

import email
import gzip
import hashlib
import json
import re
import select
import urllib.parse
from base64 import b64encode
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler

TEXT = ("Content-Type", "text/plain; charset=utf-8")
JSON = ("Content-Type", "application/json")
USER, PASSWORD = "ada", "engine"
REALM, NONCE = "library", "7ypf/xlj9XXwfDPEoM4URrv"
SIZE_MAX = 1 << 20  # Octets of a request's content, and of what /bytes gives.
SECONDS_MAX = 10.0  # How long a page may keep silent, and a connection stay idle.


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests with any method, and writes each response whole.

    Attributes:
        served: Requests that came on this connection so far, the present one included.
        length: Octets of content that the present request still has; -1 if it is chunked.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = SECONDS_MAX
    served = 0
    length = 0

    def __getattr__(self, name):
        """Answer every method alike: the base class looks for ``do_GET`` and so on."""
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def serve(self):
        """Read the request's content and answer it; what is too long ends the connection."""
        self.served += 1
        content = self.read_content()
        if content is None:
            self.close_connection = True
        else:
            self.reply(content)

    def reply(self, content):
        """Answer the request whose content this is."""
        raise NotImplementedError

    def read_content(self):
        """Read all the content that the request has; None if it is more than ``SIZE_MAX``."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            size = int(self.headers.get("Content-Length", 0))
            return self.rfile.read(size) if size <= SIZE_MAX else None
        found = b""
        self.chunks = 0  # For /echo: how many chunks there were.
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            if len(found) + size > SIZE_MAX:
                return None
            found += self.rfile.read(size)
            self.rfile.readline()
            self.chunks += 1
        while self.rfile.readline().strip():
            pass
        return found

    def begin(self, status, *fields):
        """Write the status line and fields; say it if the connection ends (RFC 9112 9.6)."""
        self.send_response_only(status)
        for name, value in fields:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")

    def answer(self, status, *fields, content=b"", length=None):
        """Write a response; ``length`` is what it claims, if that is not the content's own."""
        self.begin(status, *fields)
        if status >= 200 and status not in {204, 304}:
            self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def answer_chunks(self, *fields, chunks):
        """Write a response of chunks."""
        self.begin(200, *fields, ("Transfer-Encoding", "chunked"))
        self.end_headers()
        for chunk in (*chunks, b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

    def answer_json(self, value, *fields, status=200):
        """Write a response of JSON."""
        self.answer(status, JSON, *fields, content=json.dumps(value).encode())

    def wait_for_the_end(self):
        """Say no more until the client has gone, and close the connection."""
        self.wfile.flush()
        select.select([self.connection], [], [], SECONDS_MAX)
        self.close_connection = True

    def log_message(self, *_):
        """Keep quiet: the output is the program's."""


class Pages(Handler):
    """Answers each request by the first part of its path.

    Attributes:
        rest: The path behind its first part.
        query: Names and values of the query, in order.
        content: The request's content.
    """

    def reply(self, content):
        url = urllib.parse.urlsplit(self.path)
        first, _, self.rest = url.path[1:].partition("/")
        self.query = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        self.content = content
        page = PAGES.get(first)
        if page is None:
            self.answer(404, TEXT, content=b"no such page")
        else:
            page(self)


def echo(handler):
    """Say what was asked."""
    kind = handler.headers.get("Content-Type", "")
    said = {
        "method": handler.command,
        "target": handler.path,
        "query": handler.query,
        "fields": {name.lower(): value for name, value in handler.headers.items()},
        "order": list(handler.headers),
        "content": handler.content.decode("utf-8", "replace"),
    }
    if kind == "application/x-www-form-urlencoded":
        said["form"] = urllib.parse.parse_qsl(said["content"], keep_blank_values=True)
    if kind.startswith("multipart/form-data"):
        said["parts"] = parts(kind, handler.content)
    if "Transfer-Encoding" in handler.headers:
        said["chunks"] = handler.chunks
    if handler.command == "OPTIONS":
        handler.answer(204, ("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"))
    else:
        handler.answer_json(said)


def parts(kind, content):
    """Take multipart/form-data apart (RFC 7578): one mapping for each part."""
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + content)
    return [
        {
            "name": part.get_param("name", header="Content-Disposition"),
            "filename": part.get_filename(),
            "type": part.get("Content-Type"),
            "extra": part.get("X-Shelf"),
            "content": part.get_payload(decode=True).decode(),
        }
        for part in message.get_payload()
    ]


def text(handler):
    """Serve a text in the charset that the path names; ``/text/none`` leaves it unsaid."""
    charset = "" if handler.rest == "none" else f"; charset={handler.rest}"
    words = "naïve café — €5" if handler.rest in {"utf-8", "none"} else "naïve café"
    encoded = words.encode(handler.rest if charset else "utf-8")
    handler.answer(200, ("Content-Type", f"text/plain{charset}"), content=encoded)


def octets(handler):
    """Serve that many octets: 0, 1, 2 and so on."""
    size = min(int(handler.rest), SIZE_MAX)
    octet_stream = ("Content-Type", "application/octet-stream")
    handler.answer(200, octet_stream, content=(bytes(range(256)) * (size // 256 + 1))[:size])


def gzipped(handler):
    """Serve JSON under a content coding."""
    coded = gzip.compress(b'{"coding": "gzip"}', mtime=0)
    handler.answer(200, JSON, ("Content-Encoding", "gzip"), content=coded)


def not_json(handler):
    """Serve what says that it is JSON, and is not."""
    handler.answer(200, JSON, content=b'{"open": [1, 2')


def status(handler):
    """Serve any status."""
    handler.answer(int(handler.rest), TEXT, content=f"status {handler.rest}".encode())


def twice(handler):
    """Serve a field that has two lines."""
    handler.answer(200, ("X-Shelf", "left"), ("X-Shelf", "right"), ("X-Room", "3"))


def cookies(handler):
    """Say which cookies came; set those of the query, or delete them."""
    fields = [("Set-Cookie", f"{name}={value}; Path=/") for name, value in handler.query]
    if handler.rest == "set":
        handler.answer(302, ("Location", "/cookies"), *fields)
    elif handler.rest == "delete":
        gone = [("Set-Cookie", f"{name}=; Path=/; Max-Age=0") for name, _ in handler.query]
        handler.answer(200, *gone)
    else:
        got = SimpleCookie(handler.headers.get("Cookie", ""))
        handler.answer_json({name: got[name].value for name in sorted(got)}, *fields)


def redirect(handler):
    """Redirect so many times, to ``/echo`` in the end; or to the ``to`` of the query."""
    given = dict(handler.query)
    code = int(given.get("status", 302))
    left = int(handler.rest or 1)
    onward = f"/redirect/{left - 1}?status={code}" if left > 1 else "/echo"
    handler.answer(code, ("Location", given.get("to", onward)))


def lines(handler):
    """Serve so many lines of JSON, in chunks that know nothing of lines."""
    numbers = range(1, int(handler.rest) + 1)
    whole = "".join(f'{{"line": {number}, "word": "café"}}\n' for number in numbers).encode()
    size = 10
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    handler.answer_chunks(("Content-Type", "text/plain; charset=utf-8"), chunks=chunks)


def fault(handler):
    """Break off in the middle, or claim a coding that the content does not have."""
    if handler.rest == "cut":
        handler.answer(200, TEXT, content=b"half of it", length=20)
        handler.close_connection = True
    elif handler.rest == "coding":
        handler.answer(200, ("Content-Encoding", "gzip"), content=b"this is not gzip")
    elif handler.rest == "silence":
        handler.wait_for_the_end()
    elif handler.rest == "stall":
        handler.answer(200, TEXT, content=b"half of it", length=20)
        handler.wait_for_the_end()


def flaky(handler):
    """Answer 503 so many times, and 200 then; the query's name tells the counts apart."""
    key = str(handler.query)
    seen = handler.server.counts[key] = handler.server.counts.get(key, 0) + 1
    if seen <= int(handler.rest):
        handler.answer(503)
    else:
        del handler.server.counts[key]
        handler.answer(200, TEXT, content=f"attempt {seen}".encode())


def basic(handler):
    """Want Basic credentials (RFC 7617)."""
    wanted = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    if handler.headers.get("Authorization") == wanted:
        handler.answer_json({"user": USER})
    else:
        handler.answer(401, ("WWW-Authenticate", f'Basic realm="{REALM}"'))


def digest(handler):
    """Want Digest credentials: MD5, ``qop=auth`` (RFC 7616 section 3.4.1)."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', handler.headers.get("Authorization", "")))
    secret = hashed(f"{USER}:{REALM}:{PASSWORD}")
    request = hashed(f"{handler.command}:{handler.path}")
    middle = ":".join(given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
    if given.get("response") == hashed(f"{secret}:{middle}:{request}"):
        handler.answer_json({"user": given["username"], "count": given["nc"]})
    else:
        challenge = f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth", algorithm=MD5'
        handler.answer(401, ("WWW-Authenticate", challenge), content=b"who are you?")


def hashed(words):
    """The hash that Digest counts with."""
    return hashlib.md5(words.encode()).hexdigest()


def links(handler):
    """Serve links to other pages of a list (RFC 8288)."""
    page = int(handler.rest)
    related = {"prev": page - 1, "next": page + 1}
    value = ", ".join(
        f'</links/{number}>; rel="{name}"; title="page {number}"'
        for name, number in related.items()
        if 1 <= number <= 3
    )
    handler.answer_json({"items": [page * 2 - 1, page * 2]}, ("Link", value))


def notes(handler):
    """Keep notes by name: PUT and PATCH write, GET reads, DELETE forgets."""
    kept = handler.server.notes
    match handler.command:
        case "PUT":
            known = handler.rest in kept
            kept[handler.rest] = json.loads(handler.content)
            handler.answer(200 if known else 201, ("Location", f"/notes/{handler.rest}"))
        case "PATCH" if handler.rest in kept:
            kept[handler.rest] |= json.loads(handler.content)
            handler.answer_json(kept[handler.rest])
        case "GET" | "HEAD" if handler.rest in kept:
            handler.answer_json(kept[handler.rest])
        case "DELETE" if handler.rest in kept:
            del kept[handler.rest]
            handler.answer(204)
        case _:
            handler.answer(404)


def connection(handler):
    """Say how many requests the connection has carried; under TLS, say also of what kind it is."""
    said = {"requests": handler.served}
    if handler.server.secure:
        said["tls"] = handler.connection.version()
        given = handler.connection.getpeercert() or {}
        said["client"] = [value for kind, value in given.get("subjectAltName", ())]
    handler.answer_json(said)


PAGES = {
    "echo": echo,
    "text": text,
    "bytes": octets,
    "gzip": gzipped,
    "not-json": not_json,
    "status": status,
    "twice": twice,
    "cookies": cookies,
    "redirect": redirect,
    "lines": lines,
    "fault": fault,
    "flaky": flaky,
    "basic": basic,
    "digest": digest,
    "links": links,
    "notes": notes,
    "connection": connection,
}
