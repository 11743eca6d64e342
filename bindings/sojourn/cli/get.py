"""``sojourn get``: one request, its redirects, and the content of the last response."""

from __future__ import annotations

import getpass
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, cast

from sojourn.local.file_sink import FileSink
from sojourn.sync.call_driver import drive_call
from sojourn_core.messages.expectation import CONTINUE
from sojourn_core.messages.request import Request
from sojourn_core.rules.retry import IDEMPOTENT_METHODS
from sojourn_core.values.content.forms import FORM_TYPE, JSON_TYPE
from sojourn_core.values.errors import (
    ConnectionError,
    InvalidSchema,
    RequestException,
    Timeout,
)
from sojourn_core.values.url.shown import shown_text, shown_url

from . import codes
from .address import complete
from .codes import Ending
from .content import content_of, joined_content
from .output import Output, encodable, opened, printable, written
from .story import tell
from .terminal import BinaryContentError, shown
from .ways import proxies_of, secured, session_of, timeouts_of, trusted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from sojourn.sync.response import Response
    from sojourn.sync.session import Session
    from sojourn_core.call.call import Call
    from sojourn_core.messages.request import PreparedRequest

    from .address import Address

# They never have content, whatever their fields say (RFC 9110 sections 15.3.5 and 15.4.5).
_WITHOUT_CONTENT: Final = (204, 304)


def run_get(options: argparse.Namespace, problems: Output) -> int:
    """Carry out ``sojourn get``.

    Raises:
        Ending: There is nothing to show for it.
        BrokenPipeError: Nobody reads the output any more.
    """
    address = complete(options.url)
    with ExitStack() as files:
        try:
            session = files.enter_context(session_of(options))
            call = _call(session, described(options, address.url, files), options)
        except (RequestException, OSError, ValueError) as error:
            raise Ending(codes.USAGE, str(error)) from error
        with _answered(session, call, address, problems, explain=options.explain) as response:
            status = response.status_code or 0
            if options.fail and status >= 400:
                raise Ending(codes.FAILED, f"the response is {status} {response.reason}".rstrip())
            if options.include or options.head:
                _show_head(response)
            if options.output is not None and options.output != "-":
                _save_content(response, options.output)
            elif options.output is None and sys.stdout is not None and sys.stdout.isatty():
                _show_content(response)
            else:
                _pass_content(response)
    return codes.OK


# --- what is sent ---------------------------------------------------------------------------------


def described(options: argparse.Namespace, url: str, files: ExitStack) -> Request:
    """Return the request that the arguments describe.

    Raises:
        Ending: They make no sense.
    """
    headers = [*_named_fields(options), *(_field(line) for line in options.headers)]
    given = {name.lower() for name, _ in headers}
    data: Any = None
    defaults: list[tuple[str, str | None]] = []
    if options.json is not None:
        data = joined_content(options.json, b"", files, line_ends=True)
        defaults = [("Content-Type", JSON_TYPE), ("Accept", JSON_TYPE)]
    elif options.data is not None:
        data = joined_content(options.data, b"&", files, line_ends=False)
        defaults = [("Content-Type", FORM_TYPE)]
    elif options.data_binary is not None:
        data = content_of(options.data_binary, files)
        defaults = [("Content-Type", FORM_TYPE)]
    headers += [(name, value) for name, value in defaults if name.lower() not in given]
    method = options.method
    if method is None:
        method = "HEAD" if options.head else "GET" if data is None else "POST"
    return Request(method, url, headers=headers, data=data, auth=_credentials(options.auth))


def _named_fields(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield the fields that have options of their own."""
    if options.user_agent is not None:
        yield "User-Agent", options.user_agent
    if options.referer is not None:
        yield "Referer", options.referer
    if options.cookies:
        if not all("=" in each for each in options.cookies):
            raise Ending(codes.USAGE, "-b takes NAME=VALUE; files of cookies are not read")
        yield "Cookie", "; ".join(options.cookies)
    if options.expect:
        yield "Expect", CONTINUE


def _field(line: str) -> tuple[str, str | None]:
    name, colon, value = line.partition(":")
    if not colon and line.endswith(";"):
        return line[:-1], ""
    if not colon:
        # The line is not shown: it may be a credential.
        raise Ending(codes.USAGE, "a line of -H has no colon after the name of its field")
    return name, value.strip(" \t") or None


def _credentials(given: str | None) -> tuple[str, str] | None:
    if given is None:
        return None
    user, colon, password = given.partition(":")
    if not colon:
        if sys.stdin is None or not sys.stdin.isatty():
            raise Ending(codes.USAGE, "-a has no password, and there is no terminal to ask for it")
        try:
            password = getpass.getpass(f"Password for {printable(user)}: ")
        except EOFError as error:
            raise Ending(codes.USAGE, "-a has no password, and none was typed") from error
    return user, password


def _call(session: Session, request: Request, options: argparse.Namespace) -> Call:
    """Prepare the call: what the options do not say is the environment's, as in ``sojourn.get``.

    Raises:
        RequestException: The request cannot be sent as it is.
        ValueError: The same, or a setting cannot be used.
    """
    prepared = session.prepare_request(request)
    url = prepared.url or ""
    merged = session.merge_environment_settings(
        url, proxies_of(options, url), True, trusted(options), None
    )
    merged["verify"] = secured(options, merged["verify"])
    settings = session.settings_for(timeout=timeouts_of(options), **merged)
    return session.call(prepared, allow_redirects=not options.no_follow, settings=settings)


def _answered(
    session: Session, call: Call, address: Address, problems: Output, *, explain: bool
) -> Response:
    """Return the response, its content not read yet, and tell the story if that is asked for.

    Raises:
        Ending: There is no response; the story is told all the same.
    """
    try:
        response = drive_call(session, call)
    except RequestException as error:
        if explain:
            answered = cast("Response | None", error.response)
            problems.lines(tell(call.history, answered, call.request, call.decisions))
        message = str(error)
        if isinstance(error, InvalidSchema):
            message = f"{shown_text(address.url)}: the scheme is neither http nor https"
        message += _consequences(error, call.request) + _other_guess(error, address)
        senseless = isinstance(error, ValueError) and not (error.maybe_sent or call.history)
        raise Ending(codes.USAGE if senseless else codes.NO_RESPONSE, message) from error
    except OSError as error:  # The certificates to trust, or the content, cannot be read.
        raise Ending(codes.USAGE, str(error)) from error
    if explain:
        problems.lines(tell(call.history, response, call.request, call.decisions))
        problems.flush()
    return response


def _consequences(error: RequestException, request: PreparedRequest) -> str:
    if error.maybe_sent and request.method not in IDEMPOTENT_METHODS:
        return "; the request may have been carried out all the same"
    return ""


def _other_guess(error: RequestException, address: Address) -> str:
    """Return the URL that was perhaps meant, if a scheme was guessed that does not do."""
    telling = isinstance(error, ConnectionError)
    if address.guessed == "http":  # A server that expects TLS hangs up, or answers with an alert.
        telling = telling and error.maybe_sent
    elif isinstance(error, Timeout):
        telling = True
    if not address.guessed or not telling or error.response is not None:
        return ""
    return f"; perhaps {shown_url(address.other)}"


# --- what is shown --------------------------------------------------------------------------------


def _show_head(response: Response) -> None:
    out = Output(sys.stdout)
    out.line(f"HTTP {response.status_code} {response.reason or ''}".rstrip(), "response")
    for name, value in response.raw_headers:
        out.line(f"{name}: {value}")
    out.line()
    out.flush()


def _save_content(response: Response, path: str) -> None:
    """Write the content to a file; one that is there stays as it is if no content can come."""
    request = response.request
    nothing = response.status_code in _WITHOUT_CONTENT or (
        request is not None and request.method == "HEAD"  # pyright: ignore[reportUnnecessaryComparison] - by hand it may be
    )
    with written(path or "a file without a name"), FileSink(path, nothing=nothing) as file:
        for piece in _pieces(response):
            file.write(piece)


def _pass_content(response: Response) -> None:
    """Write the content to standard output as it is."""
    for piece in _pieces(response):
        with written():
            out = opened(sys.stdout).buffer
            out.write(piece)
            out.flush()


def _show_content(response: Response) -> None:
    """Write the content to a terminal, as text that does nothing to it."""
    out = sys.stdout
    try:
        for text in shown(_pieces(response), response.encoding):
            with written():
                out.write(encodable(text, out))
                out.flush()
    except BinaryContentError as error:
        raise Ending(
            codes.NOT_WRITTEN,
            "the content is binary, which may upset the terminal; "
            "-o FILE saves it, and -o - shows it all the same",
        ) from error


def _pieces(response: Response) -> Iterator[bytes]:
    """Take the content as it comes. What goes wrong with it is no fault of the file it is for."""
    try:
        yield from response.iter_content(None)
    except RequestException as error:
        raise Ending(codes.NO_RESPONSE, str(error)) from error
