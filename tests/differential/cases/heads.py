"""Response heads that are not quite valid, and what a program gets of them."""

from tests.differential.model import A, Reply, call
from tests.odd_heads import CHUNKS, OK, READ, REFUSED

# Of these Requests loses the line and all that follow it, or reads the framing otherwise.
LOSES_LINES = {
    "a name with a blank",
    "a name that is not ASCII",
    "a blank before the colon",
    "a tab before the colon",
    "no colon",
    "no colon, last",
    "no colon, and a line folded to it",
}
TYPE = b"Content-Type: text/plain\r\n"


def lost(name: str, lines: bytes) -> bool:
    """Requests knows less of the head than there is in it."""
    last = lines.rpartition(b"\r\n")[2]
    trimmed = "before the colon" in name
    return name in LOSES_LINES and (trimmed or last.startswith(b"Content-Length"))


for odd in READ:
    call(
        f"head: {odd.name}",
        "S27",
        "GET",
        f"{A}/",
        replies={f"{A}/": Reply(odd.octets, "close")},
        session="heads-as-the-rfc-has-them",
        **({"compat": "heads-lose-no-line"} if lost(odd.name, odd.lines) else {}),
    )

RAISES = {
    "two lengths": "InvalidHeader",
    "two lengths in one line": "InvalidHeader",
    "two lengths with signs": "InvalidHeader",
}
for odd in REFUSED:
    raises = RAISES.get(odd.name)
    call(
        f"refused head: {odd.name}",
        "S27",
        "GET",
        f"{A}/",
        replies={f"{A}/": Reply(odd.octets, "close")},
        raises=raises,
        **({} if raises else {"compat": "framed-one-way", "session": "framed-one-way"}),
    )


def as_it_counts(lines: bytes) -> bytes:
    """The lines as a session shows them."""
    length = b"Content-Length: 2"
    for twice in (length + b"\r\n" + length, length + b", 2"):
        lines = lines.replace(twice, length)
    return lines.replace(b"CHUNKED", b"chunked")


for title, lines in {
    "spelled in capitals": b"Transfer-Encoding: CHUNKED",
    "one length twice": b"Content-Length: 2\r\nContent-Length: 2",
    "one length twice in a line": b"Content-Length: 2, 2",
    "a folded line": b"X: 1\r\n 2\r\nContent-Length: 2",
    "no value": b"X:\r\nContent-Length: 2",
    "lines in another order": b"b: 1\r\nA: 2\r\nB: 3\r\nContent-Length: 2",
}.items():
    content = CHUNKS if b"CHUNKED" in lines else b"ok"
    call(
        f"head: {title}",
        "S27",
        "GET",
        f"{A}/",
        replies={f"{A}/": OK + TYPE + lines + b"\r\n\r\n" + content},
        **({"session": "values-as-they-count"} if lines != as_it_counts(lines) else {}),
    )

for title, reason in {
    "blanks around": b" 200  OK ",
    "tabs around": b" 200 \tOK\t",
    "blanks within": b" 200 Very  well",
    "nothing": b" 200",
    "a blank": b" 200 ",
    "blanks": b" 200    ",
    "not ASCII": b" 200 \xe4\xa0",
    "a space of Unicode": b" 200 OK\xa0\x85",
}.items():
    octets = b"HTTP/1.1" + reason + b"\r\n" + TYPE + b"Content-Length: 2\r\n\r\nok"
    stripped = reason.decode("latin-1")[5:].strip()
    differs = {} if reason.decode("latin-1")[5:] == stripped else {"session": "reason-as-sent"}
    call(f"reason: {title}", "S27", "GET", f"{A}/", replies={f"{A}/": octets}, **differs)

CHUNKED = OK + TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
for title, section, then, *differs in (
    ("junk", b"junk\r\nX : 1\r\n\r\n", "keep"),
    ("NUL", b"X: \0\r\n\r\n", "keep", "trailers-are-checked"),
    ("too long", b"X: " + b"x" * 20_000 + b"\r\n\r\n", "keep", "trailers-are-checked"),
    ("too many", b"X: 1\r\n" * 300 + b"\r\n", "keep", "trailers-are-checked"),
    ("none", b"", "close", "whole-trailers"),
    ("no blank line", b"X: 1\r\n", "close", "whole-trailers"),
    ("half a line", b"X: 1", "close", "whole-trailers"),
):
    call(
        f"trailers: {title}",
        "S27",
        "GET",
        f"{A}/",
        replies={f"{A}/": Reply(CHUNKED + b"2\r\nok\r\n0\r\n" + section, then)},
        **({"session": differs[0]} if differs else {}),
    )
