"""What stands behind the three streams, and behind ``-o``: files, pipes, terminals, nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.processes import COMMAND, at_a_terminal, shell
from tests.servers.scripted import response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended
    from tests.servers.scripted import HandlerServer, Received

    Run = Callable[..., Ended]
    Serve = Callable[..., HandlerServer]

pytestmark = pytest.mark.usefixtures("no_leaks")

FULL = b"sojourn: the output cannot be written: No space left on device\n"


def mirror(received: Received) -> bytes:
    """Answer with the content that was sent, or with ``hello``."""
    return response(200, content=received.content or b"hello\n")


# --- -o -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-", "link"])
@pytest.mark.parametrize(
    "script", ['{ echo a; "$@"; echo b; } > f', '{ echo a; "$@"; echo b; } | cat > f']
)
def test_what_is_open_already_is_written_to_and_not_replaced(
    path: str, script: str, serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    done = shell(f'cd "$DIR"; {script}', "get", serve(mirror).url(), "-o", path, DIR=str(tmp_path))
    assert done == (0, b"", b"")
    assert (tmp_path / "f").read_bytes() == b"a\nhello\nb\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["f", "link"]


@pytest.mark.parametrize(
    ("script", "written"),
    [
        ('exec 3>f; echo a >&3; "$@" -o /dev/fd/3; echo b >&3', b"a\nhello\nb\n"),
        ('"$@" -o f > f', b"hello\n"),
        ('{ echo a; "$@" -o f; echo b; } >> f', b"a\nhello\nb\n"),
        ('"$@" -o /dev/stderr 2> f', b"hello\n"),
        ('"$@" -o f 2> f', b"hello\n"),
        ('mkfifo p; cat p > f & "$@" -o p; wait', b"hello\n"),
        ('"$@" -o >(cat > f); while ! [ -s f ]; do :; done', b"hello\n"),
        ('touch f; "$@" -o f; [ -f f ]', b"hello\n"),
    ],
)
def test_a_file_a_fifo_and_a_descriptor_get_the_content(
    script: str, written: bytes, serve: Serve, tmp_path: Path
) -> None:
    done = shell(f'cd "$DIR"; {script}', "get", serve(mirror).url(), DIR=str(tmp_path))
    assert done == (0, b"", b"")
    assert (tmp_path / "f").read_bytes() == written
    assert not list(tmp_path.glob(".*"))


def test_a_reader_of_a_fifo_that_leaves_ends_it_quietly(serve: Serve, tmp_path: Path) -> None:
    server = serve(lambda _: response(200, content=bytes(1 << 20)))
    script = 'cd "$DIR"; mkfifo p; head -c 1 p > f & "$@" -o p'
    assert shell(script, "get", server.url(), DIR=str(tmp_path)) == (141, b"", b"")


@pytest.mark.parametrize(("status", "options"), [(304, []), (204, []), (200, ["-I"])])
@pytest.mark.parametrize("before", [b"kept", None])
def test_no_content_changes_no_file(
    status: int, options: list[str], before: bytes | None, run: Run, serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "f"
    if before is not None:
        file.write_bytes(before)
    server = serve(lambda _: response(status))
    assert run("get", server.url(), "-o", str(file), *options).code == 0
    assert (file.read_bytes() if file.exists() else None) == before
    assert len(list(tmp_path.iterdir())) == (before is not None)


def test_content_that_is_empty_empties_the_file(run: Run, serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"old")
    assert run("get", serve(lambda _: response(200)).url(), "-o", str(tmp_path / "f")).code == 0
    assert (tmp_path / "f").read_bytes() == b""


@pytest.mark.parametrize("path", ["", "none/", "f/"])
def test_a_path_that_is_no_file(path: str, serve: Serve, tmp_path: Path) -> None:
    done = shell('cd "$DIR"; "$@"', "get", serve(mirror).url(), "-o", path, DIR=str(tmp_path))
    assert (done.code, done.out, done.err.count(b"\n")) == (4, b"", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_is_a_name(run: Run, serve: Serve, tmp_path: Path) -> None:
    name = "\N{GRINNING FACE}" * 63
    assert run("get", serve(mirror).url(), "-o", str(tmp_path / name)).code == 0
    assert (tmp_path / name).read_bytes() == b"hello\n"


# --- terminals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "shown"),
    [
        (b"\x1b]0;X\x07\x1b[2Ja\tb\n", "text/plain", b"\\x1b]0;X\\x07\\x1b[2Ja\tb\n"),
        (b"a\r\nb\rc\x7f", "text/plain", b"a\nb\\rc\\x7f"),
        (b"caf\xc3\xa9\xc2\x9b2J", "text/plain; charset=utf-8", b"caf\xc3\xa9\\x9b2J"),
        (b"caf\xe9\x9b2J", "text/plain; charset=iso-8859-1", b"caf\xc3\xa9\\x9b2J"),
        (b"caf\xe9\x9b2J", "text/plain; charset=utf-8", b"caf\\xe9\\x9b2J"),
        (b"\x1b[2J", "text/plain; charset=hex", b"\\x1b[2J"),
        ("caf\u00e9\x1b".encode("utf-16"), "text/plain; charset=utf-16", b"caf\xc3\xa9\\x1b"),
    ],
)
def test_a_terminal_is_shown_control_characters_as_escapes(
    content: bytes, kind: str, shown: bytes, serve: Serve
) -> None:
    server = serve(lambda _: response(200, ("Content-Type", kind), content=content))
    assert at_a_terminal("get", server.url()) == (0, shown, b"")


def test_a_terminal_is_refused_binary_content_wherever_it_begins(serve: Serve) -> None:
    server = serve(lambda _: response(200, content=b"a" * (1 << 20) + b"\0"))
    done = at_a_terminal("get", server.url())
    assert (done.code, b"\0" in done.out) == (4, False)
    assert done.err.startswith(b"sojourn: the content is binary")


@pytest.mark.parametrize("script", ['"$@"', '"$@" -o f; cat f', '"$@" -o -', '"$@" | cat'])
def test_a_pipe_and_a_file_get_every_byte(script: str, serve: Serve, tmp_path: Path) -> None:
    octets = bytes(range(256))
    server = serve(lambda _: response(200, content=octets))
    done = shell(f'cd "$DIR"; {script}', "get", server.url(), DIR=str(tmp_path))
    assert done == (0, octets, b"")


# --- streams that are closed, or full -------------------------------------------------------------


CLOSED = b"sojourn: the output cannot be written: it is closed\n"


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ('"$@" -d @- <&-', 2, b"sojourn: standard input cannot be read: it is closed\n"),
        ('"$@" --data-binary @- <&-', 2, b"sojourn: standard input cannot be read: it is closed\n"),
        ('"$@" --json @- <&-', 2, b"sojourn: standard input cannot be read: it is closed\n"),
        ('"$@" -a ada <&-', 2, b"sojourn: -a has no password, and there is no terminal"),
        ('"$@" -o f <&-', 0, b""),
        ('"$@" -o f >&-', 0, b""),
        ('"$@" -o f <&- >&- 2>&-', 0, b""),
        ('"$@" >&-', 4, CLOSED),
        ('"$@" -i >&-', 4, CLOSED),
        ('"$@" -o - >&-', 4, CLOSED),
        ('"$@" -o /dev/stdout >&-', 4, b"sojourn: /dev/stdout cannot be written: it is closed\n"),
        ('"$@" --help >&-', 4, CLOSED),
        ('"$@" --version >&-', 2, b"usage: "),
        ('"$@" > /dev/full', 4, FULL),
        ('"$@" -i > /dev/full', 4, FULL),
        ('"$@" --help > /dev/full', 4, FULL),
        (
            '"$@" -o /dev/full',
            4,
            b"sojourn: /dev/full cannot be written: No space left on device\n",
        ),
        ('"$@" --explain -o f 2> /dev/full', 0, b""),
        ('"$@" --explain -o f 2>&-', 0, b""),
        ('"$@" --nonsense 2>&-', 2, b""),
        ('"$@" --nonsense 2> /dev/full', 2, b""),
        ('"$@" -d @/none 2> /dev/full', 2, b""),
        ('"$@" 1< /dev/null', 4, b"sojourn: the output cannot be written: Bad file descriptor\n"),
        ('"$@" -d @- 0> f', 2, b"sojourn: the content cannot be read: Bad file descriptor\n"),
        ('"$@" -i > /dev/null | true', 0, b""),
    ],
)
def test_a_stream_that_is_closed_or_full_is_one_line(
    script: str, code: int, said: bytes, serve: Serve, tmp_path: Path
) -> None:
    done = shell(f'cd "$DIR"; {script}', "get", serve(mirror).url(), DIR=str(tmp_path))
    assert done.code == code
    assert b"Traceback" not in done.err
    assert done.err.startswith(said)
    assert bool(done.err) == bool(said)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("demo > /dev/full", 4),
        ("demo >&-", 4),
        ("demo 2>&-", 0),
        ("--version > /dev/full", 4),
        ("--version >&-", 4),
        ("demo | true; exit ${PIPESTATUS[0]}", 141),
    ],
)
def test_the_other_commands_mind_their_streams_too(script: str, code: int) -> None:
    done = shell(f'"$@" {script}')
    assert done.code == code
    assert b"Traceback" not in done.err
    assert done.err.count(b"\n") <= 1


# --- what is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "sent", "length"),
    [
        ('"$@" -d @f', b"onetwo", "6"),
        ('"$@" -d a=1 -d @f -d @f', b"a=1&onetwo&onetwo", "17"),
        ('"$@" -d @- < f', b"onetwo", "6"),
        ('cat f | "$@" -d @-', b"onetwo", "6"),
        ('"$@" -d @<(cat f)', b"onetwo", "6"),
        ('"$@" -d @/dev/stdin < f', b"onetwo", "6"),
        ('"$@" -j @f', b"one\r\ntwo\n", "9"),
        ('"$@" --json [ --json @f --json ]', b"[one\r\ntwo\n]", "11"),
        ('"$@" --data-binary @f', b"one\r\ntwo\n", "9"),
        ('{ read -r; "$@" -d @-; } < f', b"two", "3"),
    ],
)
def test_files_are_sent_with_their_length(
    script: str, sent: bytes, length: str, serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(b"one\r\ntwo\n")
    server = serve(mirror)
    done = shell(f'cd "$DIR"; {script}', "get", server.url(), DIR=str(tmp_path))
    assert done == (0, sent, b"")
    assert server.requests[0].value("content-length") == length


def test_a_file_is_sent_again_where_a_redirect_asks_for_it(
    run: Run, serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(b"one\ntwo\n")

    def once(received: Received) -> bytes:
        if received.target == "/":
            return response(307, ("Location", "/again"))
        return mirror(received)

    ended = run("get", serve(once).url(), "-d", f"@{tmp_path / 'f'}")
    assert (ended.code, ended.out) == (0, b"onetwo")


@pytest.mark.parametrize("option", ["-d", "--json", "--data-binary"])
def test_a_large_file_takes_no_memory(option: str, serve: Serve, tmp_path: Path) -> None:
    size = 1 << 26
    with (tmp_path / "f").open("wb") as file:
        file.truncate(size)
    server = serve(lambda received: response(200, content=b"%d" % len(received.content)))
    program = (
        "import resource, sys; from sojourn.cli import main; code = main(sys.argv[1:]);"
        "before = int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]);"
        "print(';', before); sys.exit(code)"
    )
    done = shell(
        'shift 7; "$PYTHON" -c "$PROGRAM" "$@"',
        *("get", server.url(), option, f"@{tmp_path / 'f'}"),
        PYTHON=COMMAND[0],
        PROGRAM=program,
    )
    told, peak = done.out.split(b";")
    assert (done.code, done.err, told) == (0, b"", b"%d" % size)
    assert int(peak) * 1024 < size
