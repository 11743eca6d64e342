"""The handshakes of SOCKS, without a socket: what is sent, and what the replies come to."""

from __future__ import annotations

import pytest

from sojourn.shared.socks import socks_handshake
from sojourn_core.rules.proxies import parse_proxy
from sojourn_core.values.errors import InvalidProxyURL, ProxyError

NAME, ADDRESS = "a.test", "192.0.2.1"
PORT = 443
TO_PORT = b"\x01\xbb"
TO_ADDRESS = b"\x05\x01\x00\x01\xc0\x00\x02\x01" + TO_PORT
TO_NAME = b"\x05\x01\x00\x03\x06a.test" + TO_PORT
TO_IPV6 = b"\x05\x01\x00\x04" + bytes(15) + b"\x01" + TO_PORT
BOUND = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
BOUND_NAME = b"\x05\x00\x00\x03\x03b.c\x00\x50"
BOUND_IPV6 = b"\x05\x00\x00\x04" + bytes(16) + b"\x00\x50"
GRANTED = b"\x00\x5a" + bytes(6)
OFFER, OFFERS = b"\x05\x01\x00", b"\x05\x02\x00\x02"
USER = b"\x01\x02me\x06secret"


def talk(proxy: str, host: str, pieces: list[bytes]) -> tuple[list[bytes], bytes | None]:
    """What is sent, and what came behind the last reply; None if there is no tunnel yet."""
    handshake = socks_handshake(parse_proxy(proxy), host, PORT)
    sent = [handshake.start()]
    for piece in pieces:
        answer = handshake.receive(piece)
        if answer is None:
            return sent, handshake.surplus
        if answer:
            sent.append(answer)
    return sent, None


# What is sent, and the reply to each.
CONVERSATIONS = {
    "5": ("socks5://p.test", ADDRESS, [(OFFER, b"\x05\x00"), (TO_ADDRESS, BOUND)]),
    "5, IPv6": ("socks5://p.test", "::1", [(OFFER, b"\x05\x00"), (TO_IPV6, BOUND_IPV6)]),
    "5h": ("socks5h://p.test", NAME, [(OFFER, b"\x05\x00"), (TO_NAME, BOUND_NAME)]),
    "5h, an address": ("socks5h://p.test", ADDRESS, [(OFFER, b"\x05\x00"), (TO_ADDRESS, BOUND)]),
    "5, with a password": (
        "socks5://me:secret@p.test",
        ADDRESS,
        [(OFFERS, b"\x05\x02"), (USER, b"\x01\x00"), (TO_ADDRESS, BOUND)],
    ),
    "5, which is not asked for": (
        "socks5://me:secret@p.test",
        ADDRESS,
        [(OFFERS, b"\x05\x00"), (TO_ADDRESS, BOUND)],
    ),
    "5, with no password": (
        "socks5://me@p.test",
        ADDRESS,
        [(OFFERS, b"\x05\x02"), (b"\x01\x02me\x00", b"\x01\x00"), (TO_ADDRESS, BOUND)],
    ),
    "5, with all of it": (
        f"socks5h://{'u' * 255}:{'p' * 255}@p.test",
        NAME,
        [
            (OFFERS, b"\x05\x02"),
            (b"\x01\xff" + b"u" * 255 + b"\xff" + b"p" * 255, b"\x01\x00"),
            (TO_NAME, BOUND),
        ],
    ),
    "5, in UTF-8": (
        "socks5://%C3%BC:%E2%82%AC@p.test",
        ADDRESS,
        [
            (OFFERS, b"\x05\x02"),
            (b"\x01\x02\xc3\xbc\x03\xe2\x82\xac", b"\x01\x00"),
            (TO_ADDRESS, BOUND),
        ],
    ),
    "4": (
        "socks4://p.test",
        ADDRESS,
        [(b"\x04\x01" + TO_PORT + b"\xc0\x00\x02\x01\x00", GRANTED)],
    ),
    "4, with a user": (
        "socks4://me:unsent@p.test",
        ADDRESS,
        [(b"\x04\x01" + TO_PORT + b"\xc0\x00\x02\x01me\x00", GRANTED)],
    ),
    "4a": (
        "socks4a://me@p.test",
        NAME,
        [(b"\x04\x01" + TO_PORT + b"\x00\x00\x00\xffme\x00a.test\x00", GRANTED)],
    ),
    "4a, an address": (
        "socks4a://p.test",
        ADDRESS,
        [(b"\x04\x01" + TO_PORT + b"\xc0\x00\x02\x01\x00", GRANTED)],
    ),
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_however_the_replies_are_cut(name: str) -> None:
    proxy, host, turns = CONVERSATIONS[name]
    sent = [said for said, _ in turns]
    replies = [reply for _, reply in turns]
    assert talk(proxy, host, replies) == (sent, b"")
    assert talk(proxy, host, [bytes([each]) for each in b"".join(replies)]) == (sent, b"")
    for turn, reply in enumerate(replies):
        for at in range(1, len(reply)):
            cut = [*replies[:turn], reply[:at], reply[at:], *replies[turn + 1 :]]
            assert talk(proxy, host, cut) == (sent, b"")
    assert talk(proxy, host, [*replies[:-1], replies[-1] + b"hello"]) == (sent, b"hello")


WHO = "the proxy socks5://p.test:1080"
FOUR = "the proxy socks4://p.test:1080"
REFUSED = {
    **{
        f"5, {code}": (
            "socks5://me:secret@p.test",
            [b"\x05\x00", bytes([5, code])],
            f"{WHO} refuses a connection to 192.0.2.1:443: {code}{meaning}",
        )
        for code, meaning in {
            1: " (general failure)",
            2: " (not allowed by its rules)",
            3: " (network unreachable)",
            4: " (host unreachable)",
            5: " (connection refused)",
            6: " (TTL expired)",
            7: " (command not supported)",
            8: " (address type not supported)",
            9: "",
            255: "",
        }.items()
    },
    **{
        f"4, {code}": (
            "socks4://me@p.test",
            [bytes([0, code])],
            f"{FOUR} refuses a connection to 192.0.2.1:443: {code}{meaning}",
        )
        for code, meaning in {
            91: " (rejected or failed)",
            92: " (no identd at the client can be reached)",
            93: " (identd at the client names another user)",
            0: "",
        }.items()
    },
    "a password is wanted": (
        "socks5://p.test",
        [b"\x05\xff"],
        f"{WHO} asks for a user and a password, which its URL has not",
    ),
    "something else is wanted": (
        "socks5://me:secret@p.test",
        [b"\x05\xff"],
        f"{WHO} asks for something else, which its URL has not",
    ),
    "the password is wrong": (
        "socks5://me:secret@p.test",
        [b"\x05\x02", b"\x01\x01"],
        f"{WHO} refuses the user and the password of its URL: 1",
    ),
    "what was not offered is chosen": (
        "socks5://p.test",
        [b"\x05\x02"],
        f"{WHO} does not answer as SOCKS5 has it",
    ),
    "what nobody knows is chosen": (
        "socks5://me:secret@p.test",
        [b"\x05\x77"],
        f"{WHO} does not answer as SOCKS5 has it",
    ),
    "HTTP": ("socks5://p.test", [b"HTTP/1.1 400"], f"{WHO} does not answer as SOCKS5 has it"),
    "HTTP, from one that is none": (
        "socks4://p.test",
        [b"H"],
        f"{FOUR} does not answer as SOCKS4 has it",
    ),
    "another version of the password": (
        "socks5://me:secret@p.test",
        [b"\x05\x02", b"\x05\x00"],
        f"{WHO} does not answer as SOCKS5 has it",
    ),
    "another type of address": (
        "socks5://p.test",
        [b"\x05\x00", b"\x05\x00\x00\x02\x00"],
        f"{WHO} does not answer as SOCKS5 has it",
    ),
    "an end": (
        "socks5://p.test",
        [b"\x05", b""],
        f"{WHO} closed the connection before there was a tunnel",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_however_it_is_cut(name: str) -> None:
    proxy, pieces, said = REFUSED[name]
    by_bytes = [bytes([each]) for piece in pieces for each in piece]
    for cut in (pieces, [*by_bytes, *([b""] if b"" in pieces else [])]):
        with pytest.raises(ProxyError) as caught:
            talk(proxy, ADDRESS, cut)
        assert str(caught.value) == said
        passes = "closed" in said or any(f": {code} (" in said for code in (1, 3, 4, 5, 6, 91))
        assert caught.value.refused is not passes, "it is tried again if it may pass"
        assert "secret" not in repr(caught.value.__dict__) + repr(caught.value.args)


@pytest.mark.parametrize("cut", range(1, 16))
def test_a_reply_is_kept_up_to_its_end_and_no_further(cut: int) -> None:
    """However long a name the proxy says that it is bound to."""
    reply = b"\x05\x00\x00\x03\xff" + b"b" * 255 + b"\x00\x50"
    handshake = socks_handshake(parse_proxy("socks5://p.test"), ADDRESS, PORT)
    handshake.start()
    handshake.receive(b"\x05\x00")
    assert handshake.receive(reply[:-cut]) == b""
    assert handshake.receive(reply[-cut:] + b"more") is None
    assert handshake.surplus == b"more"


@pytest.mark.parametrize("scheme", ["socks4", "socks4a"])
def test_socks_4_has_no_ipv6(scheme: str) -> None:
    with pytest.raises(ProxyError, match="cannot be told an IPv6 address, ::1: SOCKS 5 can"):
        socks_handshake(parse_proxy(f"{scheme}://p.test"), "::1", PORT)


@pytest.mark.parametrize(
    ("userinfo", "scheme", "said"),
    [
        ("u" * 256, "socks5", "at most 255 bytes"),
        ("me:" + "p" * 256, "socks5h", "at most 255 bytes"),
        ("me:" + "%C3%BC" * 128, "socks5", "at most 255 bytes"),
        ("u" * 256, "socks4", "at most 255 bytes"),
        ("a%00b", "socks4a", "zero byte"),
    ],
)
def test_credentials_that_cannot_be_sent(userinfo: str, scheme: str, said: str) -> None:
    with pytest.raises(InvalidProxyURL, match=said) as caught:
        socks_handshake(parse_proxy(f"{scheme}://{userinfo}@p.test"), NAME, PORT)
    assert "uuu" not in str(caught.value)
    assert not caught.value.maybe_sent


def test_nothing_that_is_shown_has_the_password() -> None:
    handshake = socks_handshake(parse_proxy("socks5://me:secret@p.test"), NAME, PORT)
    assert "secret" not in repr(handshake)
