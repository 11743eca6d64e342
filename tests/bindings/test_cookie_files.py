"""Jars in files: complete or not there, private, and read whatever the format."""

from __future__ import annotations

import http.cookiejar
import os
import pickle
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest

import sojourn
from sojourn.compat.cookies import create_cookie
from sojourn_core.rules.cookies import CookieJar, cookies_to_json, format_cookies_txt
from sojourn_core.values.limits import DEFAULT_LIMITS
from sojourn_core.values.url.url import parse_url
from tests.servers.scripted import response as answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bindings.clients import Binding
    from tests.servers.scripted import HandlerServer

NOW = 1_700_000_000.0
SECRET = "s3cr3t"
HEADER = "# Netscape HTTP Cookie File\n"


def jar_of(*lines: str) -> CookieJar:
    jar = CookieJar()
    jar.store(lines or ["a=1", 'b="\xe4"'], parse_url("https://a.test/"), NOW)
    return jar


@pytest.mark.parametrize("written_as", ["json", "netscape"])
def test_a_session_goes_on_with_the_cookies_of_another(
    binding: Binding, serve: Callable[..., HandlerServer], tmp_path: Path, written_as: Any
) -> None:
    server = serve(lambda received: answer(200, ("Set-Cookie", "a=1; Path=/")))
    path = tmp_path / "cookies"
    session = binding.session()
    binding.run(session.get(server.url("/")))
    sojourn.save_cookies(session.cookies, path, format=written_as)
    again = binding.session()
    again.cookies = sojourn.load_cookies(path)
    binding.run(again.get(server.url("/")))
    assert server.requests[1].value("cookie") == "a=1"
    assert again.cookies.is_public_suffix is session.cookies.is_public_suffix


def test_the_format_is_known_by_the_content(tmp_path: Path) -> None:
    jar = jar_of("a=1", "b=1; Max-Age=0", "c=\xe4; SameSite=Lax")
    path = tmp_path / "cookies"
    sojourn.save_cookies(jar, path)
    again = sojourn.load_cookies(path)
    assert cookies_to_json(again) == cookies_to_json(jar) == path.read_text(encoding="utf-8")
    sojourn.save_cookies(jar, os.fspath(path), format="netscape")
    again = sojourn.load_cookies(os.fspath(path))
    assert again.items() == jar.items()
    assert path.read_bytes().decode("latin-1") == format_cookies_txt(jar)
    assert again.deletions() == []


def test_an_unknown_format_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the format 'pickle' is neither"):
        sojourn.save_cookies(jar_of(), tmp_path / "cookies", format="pickle")
    assert list(tmp_path.iterdir()) == []


def test_a_standard_jar_is_saved_too(tmp_path: Path) -> None:
    jar = http.cookiejar.CookieJar()
    jar.set_cookie(create_cookie("a", "1", domain=".a.test"))
    sojourn.save_cookies(jar, tmp_path / "cookies")
    assert sojourn.load_cookies(tmp_path / "cookies").get("a", domain="a.test") == "1"


# Writing


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "cookies"
    path.write_text("")
    path.chmod(0o666)
    before = os.umask(0)
    try:
        sojourn.save_cookies(jar_of(), path)
    finally:
        os.umask(before)
    assert mode_of(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_private_before_anything_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        seen.append(os.fstat(descriptor))
        real(descriptor)

    opened = []
    real_open = os.open

    def open_(path: Any, flags: int, mode: int = 0o777) -> int:
        opened.append((flags, mode))
        return real_open(path, flags, mode)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "open", open_)
    sojourn.save_cookies(jar_of(), tmp_path / "cookies")
    flags, mode = opened[0]
    assert flags & (os.O_CREAT | os.O_EXCL) == os.O_CREAT | os.O_EXCL
    assert mode == 0o600
    # The file was complete when it was synchronised, and then its folder was.
    assert seen[0].st_size == (tmp_path / "cookies").stat().st_size
    assert [stat.S_ISDIR(each.st_mode) for each in seen] == [False, True]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    path = tmp_path / "cookies"
    path.symlink_to(elsewhere)
    sojourn.save_cookies(jar_of(), path)
    assert elsewhere.read_text() == "precious"
    assert not path.is_symlink()
    assert len(sojourn.load_cookies(path)) == 2


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    path = tmp_path / "cookies"
    path.write_text("before")
    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match="the disk is full"):
        sojourn.save_cookies(jar_of(), path)
    monkeypatch.undo()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sojourn.save_cookies(jar_of(), tmp_path / "none" / "cookies")
    with pytest.raises(FileNotFoundError):
        sojourn.load_cookies(tmp_path / "none")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        sojourn.save_cookies(jar_of(), tmp_path)
    with pytest.raises(IsADirectoryError):
        sojourn.load_cookies(tmp_path)
    assert list(tmp_path.parent.glob(f".{tmp_path.name}*")) == []


# Reading


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (SECRET, 1, "it is neither a cookie nor JSON"),
        (f"{HEADER}\n{SECRET}\n", 3, "it is neither a cookie nor JSON"),
        ("#LWP-Cookies-2.0\nSet-Cookie3: a=1; domain=a.test", 2, "it is neither a cookie nor JSON"),
        (f'{{"version": 1,\n"cookies": {SECRET}}}', 2, "it is not JSON: Expecting value"),
        (f'{{\n"version": "{SECRET}\xe4"}}', 2, "it is not UTF-8"),
        ("[]", None, "the text: it is not an object"),
        ("\xef\xbb\xbf {}", None, "cookies: it is not there"),
        ("x" * 65, None, "it is larger than 64 bytes"),
    ],
)
def test_a_file_of_something_else_is_named(
    tmp_path: Path, content: str, line: int | None, reason: str
) -> None:
    path = tmp_path / "cookies"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(sojourn.CookieFileError) as raised:
        sojourn.load_cookies(path, size_max=64)
    error = raised.value
    assert isinstance(error, ValueError)
    assert (error.path, error.line) == (str(path), line)
    where = str(path) if line is None else f"{path}, line {line}"
    assert str(error) == f"{where}: {reason}"
    assert SECRET not in repr(error)
    assert error.__cause__ is None
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    "content", ["", HEADER, "\n\n", f"{HEADER}a.test\tFALSE\t/\tFALSE\t1\ta\t1"]
)
def test_a_file_without_cookies_is_an_empty_jar(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cookies"
    path.write_text(content)
    assert len(sojourn.load_cookies(path)) == 0


def test_skipped_lines_are_reported_and_ended_cookies_left_out(tmp_path: Path) -> None:
    path = tmp_path / "cookies"
    ended = f"a.test\tFALSE\t/\tFALSE\t{int(NOW) + 5}\told\t1"
    path.write_text(f"{HEADER}nonsense\n{ended}\na.test\tFALSE\t/\tFALSE\t0\ta\t1\n")
    decisions: list[Any] = []
    assert sojourn.load_cookies(path, now=NOW + 5, decisions=decisions).keys() == ["a"]
    assert [(each.code, each.subject) for each in decisions] == [
        ("cookie.skipped.malformed", "line 2"),
        ("cookie.expired", "line 3"),
    ]
    assert sojourn.load_cookies(path, now=NOW).keys() == ["old", "a"]
    assert sojourn.load_cookies(path).keys() == ["a"]


@pytest.mark.parametrize("written_as", ["json", "netscape"])
def test_a_jar_has_the_limits_that_are_given(tmp_path: Path, written_as: Any) -> None:
    limits = DEFAULT_LIMITS.replace(cookies_max=1)
    sojourn.save_cookies(jar_of(), tmp_path / "cookies", format=written_as)
    jar = sojourn.load_cookies(tmp_path / "cookies", limits=limits, is_public_suffix=None)
    assert (len(jar), jar.limits, jar.is_public_suffix) == (2, limits, None)
    jar.store(["c=1"], parse_url("https://b.test/"), NOW)
    assert jar.keys() == ["c"]


def test_the_largest_jar_can_be_loaded_again(tmp_path: Path) -> None:
    jar = CookieJar()
    value = "\xff" * 4080
    for number in range(DEFAULT_LIMITS.cookies_max):
        url = parse_url(f"https://h{number // 100}.test/")
        jar.store([f"{number}={value}", f"x{number}={SECRET}; Max-Age=0"], url, NOW)
    assert (len(jar), len(jar.deletions())) == (3000, 1000)
    sojourn.save_cookies(jar, tmp_path / "cookies")
    assert len(sojourn.load_cookies(tmp_path / "cookies")) == 3000


# Rules that a cookie of a file has to pass

RULES = f"""{HEADER}
.co.uk\tTRUE\t/\tFALSE\t0\tsuffix\t1
a.test\tFALSE\t/\tFALSE\t0\t__Secure-a\t1
a.test\tFALSE\t/\tFALSE\t0\t__Host-a\t1
.a.test\tTRUE\t/\tTRUE\t0\t__Secure-b\t1
a.test\tFALSE\t/\tTRUE\t0\t__Host-b\t1
"""


def test_what_no_host_may_set_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "cookies"
    path.write_text(RULES)
    decisions: list[Any] = []
    jar = sojourn.load_cookies(path, decisions=decisions)
    assert jar.keys() == ["__Secure-b", "__Host-b"]
    assert [(each.code, each.subject) for each in decisions] == [
        ("cookie.rejected.public-suffix", "line 3"),
        ("cookie.rejected.prefix", "line 4"),
        ("cookie.rejected.prefix", "line 5"),
    ]
    only = tmp_path / "only"
    only.write_text("\n".join(RULES.splitlines()[:3]))
    assert len(sojourn.load_cookies(only)) == 0  # It is a file of cookies all the same.


def test_json_of_a_jar_with_other_rules(tmp_path: Path) -> None:
    jar = CookieJar(is_public_suffix=lambda _: False)
    jar.store(["a=1; Domain=co.uk", "b=1"], parse_url("https://shop.co.uk/"), NOW)
    jar.set("c", "1", domain="co.uk")  # What a caller says counts.
    jar.set("__Host-d", "1", domain="a.test")
    path = tmp_path / "cookies"
    sojourn.save_cookies(jar, path)
    decisions: list[Any] = []
    assert sorted(sojourn.load_cookies(path, decisions=decisions).keys()) == ["__Host-d", "b", "c"]
    assert [(each.code, each.subject) for each in decisions] == [
        ("cookie.rejected.public-suffix", "cookies[0]")
    ]
    again = sojourn.load_cookies(path, is_public_suffix=lambda _: False)
    assert cookies_to_json(again) == path.read_text()


def test_header_lines_are_cookies(tmp_path: Path) -> None:
    path = tmp_path / "head"
    path.write_bytes(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
        b"Set-Cookie: a=1; Domain=.a.test; Path=/x; Secure\r\nset-cookie: b=\xe4\r\n\r\n"
    )
    jar = sojourn.load_cookies(path)
    assert [(each.pair, each.domain, each.path) for each in jar] == [
        ("a=1", "a.test", "/x"),
        ("b=\xe4", "", "/"),
    ]


def test_a_loaded_jar_may_be_used_by_threads_at_once(tmp_path: Path) -> None:
    formats: tuple[Any, ...] = ("json", "netscape")
    for written_as in formats:
        sojourn.save_cookies(jar_of(), tmp_path / "cookies", format=written_as)
        jar = sojourn.load_cookies(tmp_path / "cookies")
        assert isinstance(jar.guard, type(threading.RLock()))
        session = sojourn.Session()
        session.cookies = jar
        assert jar.guard is not session.guard  # Another session may have it too.
