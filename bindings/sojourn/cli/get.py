"""``sojourn get``: one request, its redirects, and the content of the last response."""

from __future__ import annotations

import getpass
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from sojourn.sync.call_driver import drive_call
from sojourn.sync.session import Session
from sojourn_core.messages.request import Request
from sojourn_core.rules.retry import IDEMPOTENT_METHODS
from sojourn_core.values.content.forms import FORM_TYPE, JSON_TYPE
from sojourn_core.values.errors import RequestException
from sojourn_core.values.timeouts import DEFAULT_TIMEOUTS, timeouts_from

from . import codes
from .codes import Ending
from .output import Output, printable
from .sink import FileSink
from .story import tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from sojourn.sync.response import Response
    from sojourn_core.call.call import Call
    from sojourn_core.messages.request import PreparedRequest
    from sojourn_core.messages.settings import SendSettings


def run_get(options: argparse.Namespace, problems: Output) -> int:
    """Carry out ``sojourn get``.

    Raises:
        Ending: If there is nothing to show for it.
        BrokenPipeError: If nobody reads the output any more.
    """
    with ExitStack() as files, Session() as session:
        try:
            prepared = session.prepare_request(_request(options, files))
        except (RequestException, ValueError) as error:
            raise Ending(codes.USAGE, str(error)) from error
        if options.max_redirects is not None:
            session.max_redirects = options.max_redirects
        settings = _settings(options, session)
        call = session.call(prepared, allow_redirects=not options.no_follow, settings=settings)
        with _sent(session, call, problems, explain=options.explain) as response:
            status = response.status_code or 0
            if options.fail and status >= 400:
                raise Ending(codes.FAILED, f"the response is {status} {response.reason}".rstrip())
            if options.include or options.head:
                _show_head(response)
            _write_content(response, options.output)
    return codes.OK


# --- what is sent ---------------------------------------------------------------------------------


def _request(options: argparse.Namespace, files: ExitStack) -> Request:
    headers = [_field(line) for line in options.headers]
    given = {name.lower() for name, _ in headers}
    data: Any = None
    defaults: list[tuple[str, str | None]] = []
    if options.json is not None:
        data = b"".join(_octets_of(text) for text in options.json)
        defaults = [("Content-Type", JSON_TYPE), ("Accept", JSON_TYPE)]
    elif options.data is not None:
        data = b"&".join(_without_line_ends(text) for text in options.data)
        defaults = [("Content-Type", FORM_TYPE)]
    elif options.data_binary is not None:
        data = _stream_of(options.data_binary, files)
        defaults = [("Content-Type", FORM_TYPE)]
    headers += [(name, value) for name, value in defaults if name.lower() not in given]
    method = options.method or ("HEAD" if options.head else "GET" if data is None else "POST")
    return Request(method, options.url, headers=headers, data=data, auth=_credentials(options.auth))


def _field(line: str) -> tuple[str, str | None]:
    name, colon, value = line.partition(":")
    if not colon and line.endswith(";"):
        return line[:-1], ""
    if not colon:
        # The line is not shown: it may be a credential.
        raise Ending(codes.USAGE, "a line of -H has no colon after the name of its field")
    return name, value.strip(" \t") or None


def _octets_of(text: str) -> bytes:
    """Content of the command line: the text itself, or what is in the file that it names."""
    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    if text == "@-":
        return sys.stdin.buffer.read()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise _unreadable(text[1:], error) from error


def _without_line_ends(text: str) -> bytes:
    octets = _octets_of(text)
    return octets.replace(b"\r", b"").replace(b"\n", b"") if text.startswith("@") else octets


def _stream_of(text: str, files: ExitStack) -> bytes | BinaryIO:
    if text == "@-":
        return cast("BinaryIO", sys.stdin.buffer)
    if not text.startswith("@"):
        return _octets_of(text)
    try:
        return files.enter_context(Path(text[1:]).open("rb"))
    except OSError as error:
        raise _unreadable(text[1:], error) from error


def _unreadable(path: str, error: OSError) -> Ending:
    return Ending(codes.USAGE, f"{path} cannot be read: {error.strerror or error}")


def _credentials(given: str | None) -> tuple[str, str] | None:
    if given is None:
        return None
    user, colon, password = given.partition(":")
    if not colon:
        if not sys.stdin.isatty():
            raise Ending(codes.USAGE, "-a has no password, and there is no terminal to ask for it")
        password = getpass.getpass(f"Password for {printable(user)}: ")
    return user, password


def _settings(options: argparse.Namespace, session: Session) -> SendSettings:
    timeouts = DEFAULT_TIMEOUTS
    if options.timeout is not None:
        timeouts = timeouts_from(options.timeout, DEFAULT_TIMEOUTS)
    if options.max_time is not None:
        timeouts = timeouts.replace(total=options.max_time)
    verify: bool | str = options.cacert or True
    if options.insecure:
        verify = False
    return session.settings_for(timeout=timeouts, stream=True, verify=verify)


def _sent(session: Session, call: Call, problems: Output, *, explain: bool) -> Response:
    """The response, its content not read yet; the story is told whether there is one or not."""
    try:
        response = drive_call(session, call)
    except RequestException as error:
        if explain:
            problems.lines(tell(call.history, error.response, call.request, call.decisions))
        raise _without_response(error, call.request) from error
    except OSError as error:  # The certificates to trust cannot be loaded.
        raise Ending(codes.USAGE, str(error)) from error
    if explain:
        problems.lines(tell(call.history, response, call.request, call.decisions))
        problems.flush()
    return response


def _without_response(error: RequestException, request: PreparedRequest) -> Ending:
    message = str(error)
    if error.maybe_sent and request.method not in IDEMPOTENT_METHODS:
        message += "; the request may have been carried out all the same"
    return Ending(codes.NO_RESPONSE, message)


# --- what is shown --------------------------------------------------------------------------------


def _show_head(response: Response) -> None:
    out = Output(sys.stdout)
    out.line(f"HTTP {response.status_code} {response.reason or ''}".rstrip(), "response")
    for name, value in response.raw_headers:
        out.line(f"{name}: {value}")
    out.line()
    out.flush()


def _write_content(response: Response, path: str | None) -> None:
    pieces = _pieces(response)
    if path is not None and path != "-":
        try:
            with FileSink(path) as file:
                for piece in pieces:
                    file.write(piece)
        except OSError as error:
            raise Ending(
                codes.NOT_WRITTEN, f"{path} cannot be written: {error.strerror or error}"
            ) from error
        return
    wary = path is None and sys.stdout.isatty()
    out = sys.stdout.buffer
    try:
        for piece in pieces:
            if wary and b"\0" in piece:
                raise Ending(
                    codes.NOT_WRITTEN,
                    "the content is binary, which may upset the terminal; "
                    "-o FILE saves it, and -o - shows it all the same",
                )
            wary = False
            out.write(piece)
            out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Ending(codes.NOT_WRITTEN, f"the output cannot be written: {error}") from error


def _pieces(response: Response) -> Iterator[bytes]:
    """The content as it comes. What goes wrong with it is no trouble of the file it is for."""
    try:
        yield from response.iter_content(None)
    except RequestException as error:
        raise Ending(codes.NO_RESPONSE, str(error)) from error
