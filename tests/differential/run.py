"""Runs one case with one client: the stage it has, its environment, and its outcome."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import warnings
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

from tests.differential import normalise
from tests.differential.clients import Client
from tests.differential.model import CASES, CLIENTS
from tests.differential.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.differential.model import Case, Seen
    from tests.servers.authority import Authority

# Whatever could reach a program from outside of it; a case sets anew what it is about.
VARIABLES: Final = (
    *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("REQUEST_METHOD", "NETRC", "HOME", "USERPROFILE", "SSLKEYLOGFILE"),
)


class Stage:
    """What a program has at hand beside the module and a session.

    Attributes:
        ca: Path of the authority that vouches for the origins.
        client_certificate: Path of a PEM file with a client's certificate and key.
        folder: A folder for the case.
        name: The client's name, for nothing but explanations.
    """

    def __init__(self, client: Client, origins: Origins, authority: Authority, folder: Path):
        """Have no session yet."""
        self.ca: Final = str(authority.path)
        self.client_certificate: Final = str(authority.client_certificate)
        self.folder: Final = folder
        self.name: Final = client.name
        self.pickled: Final = client.pickled
        self.iterator: Final = client.iterator
        self._client: Final = client
        self._origins: Final = origins
        self._open: Final = contextlib.ExitStack()
        self._module: Final = client.module()

    @property
    def seen(self) -> list[Seen]:
        """What the origins have seen so far."""
        return self._origins.seen

    def session(self, session_class: Any = None) -> Any:
        """Open a session, of the module's class if no other is given."""
        made = self._client.open(session_class or self._module.Session)
        self._open.callback(made.close)
        return made

    def adapter(self, send: Callable[..., Any], close: Any = None, base: Any = None) -> Any:
        """Make an adapter of ``send(request, **settings)``, which returns a response."""
        return self._client.adapter(base or self._module.adapters.BaseAdapter, send, close)

    def response(self, status: int = 200, content: bytes = b"", **attributes: Any) -> Any:
        """Make a response by hand."""
        made = self._module.Response()
        made.status_code = status
        made._content = content
        for name, value in attributes.items():
            setattr(made, name, value)
        return self._client.wrap(made)

    def file(self, content: bytes = b"content", name: str = "upload.bin") -> Any:
        """Open a file with this content."""
        path = self.folder / name
        path.write_bytes(content)
        return self._open.enter_context(path.open("rb"))

    def caught(self, program: Callable[[], Any]) -> Any:
        """Give the exception that ``program`` raises."""
        try:
            program()
        except Exception as error:  # noqa: BLE001 - of whatever class it is
            return error
        raise AssertionError("nothing was raised")

    def same(self, one: Any, other: Any) -> bool:
        """Whether both are the same object."""
        return self._client.unwrap(one) is self._client.unwrap(other)

    def name_of(self, program: Callable[[], Any]) -> str:
        """Give the name of the error that ``program`` raises, or ``none``."""
        try:
            program()
        except Exception as error:  # noqa: BLE001 - of whatever class it is
            return normalise.name_of(error)
        return "none"

    def close(self) -> None:
        """Close what was opened."""
        self._open.close()


class Theatre:
    """Runs cases, each once with each client, and keeps what came of it."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        """Have the origins ready."""
        self._authority: Final = authority
        self._folder: Final = folder
        self._origins: Final = Origins(authority.server_context())
        self._clients: Final = {name: Client(name) for name in CLIENTS}
        self._outcomes: dict[tuple[str, str], normalise.Outcome] = {}

    def outcome(self, case: str, client: str) -> normalise.Outcome:
        """What comes of a case with a client."""
        key = case, client
        if key not in self._outcomes:
            with _quiet(), self._origins.resolving():
                self._outcomes[key] = self._run(CASES[case], self._clients[client])
                gc.collect(0)
                self._origins.settle()
        return self._outcomes[key]

    def differences(self, case: str, client: str) -> list[str]:
        """Where a client does otherwise than the one it is measured by."""
        if not CASES[case].native and client in {"session", "async"}:
            return []
        measure = "session" if client == "async" else "requests"
        return normalise.differences(self.outcome(case, measure), self.outcome(case, client))

    def close(self) -> None:
        """End loop and origins."""
        with contextlib.ExitStack() as closing:
            closing.callback(self._origins.close)
            for client in self._clients.values():
                closing.callback(client.close)
            with _quiet():
                gc.collect()
                self._origins.settle()

    def _run(self, case: Case, client: Client) -> normalise.Outcome:
        folder = self._folder / f"{len(self._outcomes)}"
        folder.mkdir()
        origins = self._origins
        origins.answer_with(case.replies)
        got, error, told = None, None, ""
        catches: frozenset[str] = frozenset()
        with self._environment(case, folder):
            try:
                got = self._act(case, client, folder)
            except Exception as raised:  # noqa: BLE001 - it is what the caller gets
                error, told = normalise.name_of(raised), f"{raised}"
                catches = frozenset(normalise.names_of(raised))
            gc.collect(0)
            origins.settle()
        seen = tuple(
            normalise.seen_as_data(each, ordered=case.ordered, transport=case.transport)
            for each in origins.seen
            if case.watched
        )
        return normalise.Outcome(seen=seen, got=got, error=error, told=told, catches=catches)

    def _act(self, case: Case, client: Client, folder: Path) -> Any:
        stage = Stage(client, self._origins, self._authority, folder)
        try:
            got = normalise.as_data(case.act(client.module(), stage.session(), stage))
        finally:
            stage.close()
        return _without(got, {stage.ca: "CA", str(folder): "FOLDER"})

    @contextlib.contextmanager
    def _environment(self, case: Case, folder: Path) -> Iterator[None]:
        places = {"ca": str(self._authority.path), "folder": str(folder)}
        variables = {name: value.format(**places) for name, value in case.env.items()}
        netrc = folder / "netrc"
        if case.netrc is not None:
            netrc.write_text(case.netrc, encoding="utf-8")
        with mock.patch.dict(os.environ):
            for name in VARIABLES:
                os.environ.pop(name, None)
            os.environ.update({"HOME": str(folder), "NETRC": str(netrc)} | variables)
            yield


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let no warning out: of unverified TLS, and of what a program leaves open."""
    collecting = gc.isenabled()
    gc.disable()  # What a run leaves is young at its end, and is collected with little work.
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        if collecting:
            gc.enable()


def _without(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, str):
        for place, name in places.items():
            value = value.replace(place, name)
        return value
    if isinstance(value, list):
        return [_without(each, places) for each in value]
    if isinstance(value, dict):
        return {key: _without(each, places) for key, each in value.items()}
    return value
