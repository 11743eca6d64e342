"""HTTPie: the command line, called as its entry point calls it."""

from __future__ import annotations

import io
import json
import os
import warnings
from pathlib import Path
from typing import Any

import httpie
import requests
from httpie.context import Environment
from httpie.core import main

LIBRARIES = ("httpie",)
FOLDER = "config"


# HTTPie leaves the files of uploads to the collector, and asks urllib3 for what it means to drop.
warnings.filterwarnings("ignore", "unclosed file", ResourceWarning)
warnings.filterwarnings("ignore", "'ssl_version' option", FutureWarning)


class Written(io.BytesIO):
    """A file in memory that has a name, as standard output has."""

    name = "<written>"


class Typed:
    """What is written to standard output or standard error, as text."""

    def __init__(self) -> None:
        self._bytes = Written()
        self.stream = io.TextIOWrapper(self._bytes, encoding="utf-8", write_through=True)

    def text(self) -> str:
        return self._bytes.getvalue().decode("utf-8", "replace")


def http(folder: str, *arguments: str, stdin: bytes | None = None) -> list[Any]:
    """Exit code, standard output, and standard error without what decorates it."""
    out, err = Typed(), Typed()
    given = io.TextIOWrapper(io.BytesIO(stdin or b""), encoding="utf-8")
    environment = Environment(
        config_dir=Path(folder) / FOLDER,
        stdin=given,
        stdout=out.stream,
        stderr=err.stream,
        stdin_isatty=stdin is None,
        stdout_isatty=False,
        stderr_isatty=False,
        program_name="http",
    )
    environment.config["default_options"] = []
    environment.config["disable_update_warnings"] = True
    code = main(args=["http", "--pretty=none", *arguments], env=environment)
    return [int(code), out.text(), err.text().strip()]


def seen(folder: str, *arguments: str, stdin: bytes | None = None) -> Any:
    """What the site saw: method, target, content, and the fields but those of each request."""
    code, out, err = http(folder, "--body", *arguments, stdin=stdin)
    if code or err:
        return [code, out, err]
    told = json.loads(out)
    for name in ("host", "connection", "user-agent", "accept-encoding"):
        told["fields"].pop(name, None)
    return [told["method"], told["target"], told["content"], told["fields"]]


def names(folder: str, *arguments: str) -> Any:
    """The names of all fields that the site saw."""
    return list(json.loads(http(folder, "--body", *arguments)[1])["fields"])


def plain(url: str, folder: str) -> Any:
    file = Path(folder) / "upload.txt"
    file.write_text("in a file")
    return {
        "get": seen(folder, f"{url}/a", "q==1", "X-Own:own"),
        "bare": names(folder, f"{url}/a", "User-Agent:", "Accept-Encoding:", "Accept:"),
        "empty field": seen(folder, f"{url}/a", "X-Own;"),
        "twice": http(folder, "--headers", f"{url}/a", "X-Own:one", "X-Own:two")[0],
        "outside ASCII": seen(folder, f"{url}/a", "X-Own:é"),
        "path": seen(folder, "--path-as-is", f"{url}/a/../b"),
        "json": seen(folder, f"{url}/a", "a=b", "c:=[1, 2]", "d[e]=f"),
        "form": seen(folder, "--form", f"{url}/a", "a=b", "c=ü"),
        "raw": seen(folder, f"{url}/a", "--raw", "raw text"),
        "stdin": seen(folder, f"{url}/a", stdin=b"piped"),
        "file": seen(folder, f"{url}/a", f"@{file}"),
        "put": seen(folder, "PUT", f"{url}/a", "a=b"),
        "options": seen(folder, "OPTIONS", f"{url}/a"),
        "chunked": seen(folder, "--chunked", f"{url}/a", "a=b"),
        "compressed": seen(folder, "--compress", "--compress", f"{url}/a", "a=b")[3],
        "offline": http(folder, "--offline", "a.test/b?c", "User-Agent:own", "d=e")[:2],
    }


def multipart(url: str, folder: str) -> Any:
    file = Path(folder) / "upload.txt"
    file.write_text("in a file")
    given = "--multipart", "--boundary=BORDER"
    return {
        "fields": seen(folder, *given, f"{url}/a", "a=b"),
        "file": seen(folder, *given, f"{url}/a", "a=b", f"file@{file};type=text/x-own"),
        "form": seen(folder, "--form", "--boundary=BORDER", f"{url}/a", f"file@{file}"),
        "chunked": seen(folder, *given, "--chunked", f"{url}/a", f"file@{file}"),
    }


def printed(url: str, folder: str) -> Any:
    """What is printed of both sides: HTTPie reads the version and the lines of ``raw``."""
    code, out, err = http(folder, "--print=HBhb", f"{url}/status/200", "a=b", "X-Own:own")
    port = url.rpartition(":")[2]
    request = [line for line in out.replace(port, "PORT").splitlines() if "User-Agent" not in line]
    twice = http(folder, "--headers", f"{url}/set?a=b&c=d")
    return [code, request, err, twice[1].splitlines()]


def redirected(url: str, folder: str) -> Any:
    def status(*arguments: str) -> list[str]:
        lines = http(folder, "--headers", *arguments)[1].splitlines()
        return [line for line in lines if line.startswith("HTTP/")]

    return {
        "not followed": status(f"{url}/chain/2"),
        "followed": status("--follow", f"{url}/chain/2"),
        "all": status("--follow", "--all", f"{url}/chain/2"),
        "too many": http(folder, "--follow", "--max-redirects=2", f"{url}/chain/5")[::2],
        "loop": http(folder, "--follow", f"{url}/loop")[::2],
        "post 302": seen(folder, "--follow", f"{url}/redirect/302", "a=b"),
        "post 307": seen(folder, "--follow", f"{url}/redirect/307", "a=b"),
        "check": http(folder, "--check-status", f"{url}/redirect/302")[::2],
    }


def authorized(url: str, folder: str) -> Any:
    return {
        "basic": user(folder, "--auth=ada:pass", f"{url}/basic"),
        "wrong": http(folder, "--check-status", "--auth=ada:no", f"{url}/basic")[0],
        "in the URL": user(folder, f"{url.replace('//', '//ada:pass@')}/basic"),
        "digest": user(folder, "--auth-type=digest", "--auth=user:secret", f"{url}/digest"),
        "bearer": seen(folder, "--auth-type=bearer", "--auth=token", f"{url}/a")[3],
    }


def user(folder: str, *arguments: str) -> Any:
    return http(folder, "--body", "--follow", *arguments)[1]


def sessions(url: str, folder: str) -> Any:
    """Fields, credentials and cookies stay in a file from one call to the next."""
    named = f"--session={folder}/session.json"
    first = seen(folder, named, "--auth=ada:pass", f"{url}/a", "X-Own:own", "Cookie:own=1")
    http(folder, named, "--follow", f"{url}/set?a=b&c=d")
    second = seen(folder, named, f"{url}/b")
    read_only = seen(folder, f"--session-read-only={folder}/session.json", f"{url}/c", "X-Own:new")
    third = seen(folder, named, f"{url}/d")
    kept = json.loads((Path(folder) / "session.json").read_text())
    return {
        "first": first,
        "second": second,
        "read only": read_only,
        "third": third,
        "cookies": sorted([each["name"], each["value"]] for each in kept["cookies"]),
        "auth": kept["auth"],
        "headers": kept["headers"],
    }


def downloaded(url: str, folder: str) -> Any:
    target = Path(folder) / "target.txt"
    code = http(folder, "--download", f"--output={target}", f"{url}/content")[0]
    whole = target.read_bytes()
    target.write_bytes(whole[:100])
    again = http(folder, "--download", "--continue", f"--output={target}", f"{url}/content")[0]
    found = {
        "code": code,
        "size": len(whole),
        "continued": [again, target.read_bytes() == whole],
        "short": http(folder, "--download", f"--output={folder}/s", f"{url}/short")[0],
        "chunked": http(folder, "--download", f"--output={folder}/c", f"{url}/chunked")[0],
    }
    os.chdir(folder)
    found["named"] = http(folder, "--download", f"{url}/content?name=own.txt")[0]
    found["files"] = sorted(each.name for each in Path(folder).iterdir() if each.is_file())
    streamed = http(folder, "--stream", "--body", f"{url}/chunked")
    found["streamed"] = [streamed[0], len(streamed[1])]
    return found


def failed(url: str, folder: str, silent: str, nobody: str) -> Any:
    return {
        "404": http(folder, "--check-status", f"{url}/status/404")[::2],
        "503": http(folder, "--check-status", f"{url}/status/503")[::2],
        "nobody": kind(http(folder, nobody)),
        "silent": kind(http(folder, "--timeout=0.2", silent)),
        "nothing": kind(http(folder, f"{url}/nothing")),
        "short": kind(http(folder, f"{url}/short")),
        "short chunks": kind(http(folder, f"{url}/short-chunks")),
        "bad gzip": kind(http(folder, f"{url}/bad-gzip")),
        "scheme": kind(http(folder, "foo://a.test/")),
    }


def kind(told: list[Any]) -> Any:
    """Exit code, and of the message what a person reads first."""
    code, _, err = told
    return [code, err.removeprefix("http: ").removeprefix("error: ").split(":")[0]]


def proxied(url: str, folder: str, proxy: str, nobody: str) -> Any:
    return {
        "http": seen(folder, f"--proxy=http:{proxy}", f"{url}/by-proxy")[1],
        "dead": kind(http(folder, f"--proxy=http:{nobody}", f"{url}/a")),
    }


def secured(url: str, folder: str, authority: str, certificate: str) -> Any:
    return {
        "untrusted": kind(http(folder, f"{url}/a")),
        "trusted": seen(folder, f"--verify={authority}", f"{url}/a")[1],
        "not verified": seen(folder, "--verify=no", f"{url}/a")[1],
        "certificate": seen(folder, "--verify=no", f"--cert={certificate}", f"{url}/a")[1],
        "version": seen(folder, "--verify=no", "--ssl=tls1.2", f"{url}/a")[1],
        "ciphers": seen(folder, "--verify=no", "--ciphers=ECDHE+AESGCM", f"{url}/a")[1],
    }


assert issubclass(httpie.adapters.HTTPieHTTPAdapter, requests.adapters.HTTPAdapter)
