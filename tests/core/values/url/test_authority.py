"""Authorities: who is named, and which spellings name nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.url.authority import (
    Authority,
    canonical_name,
    parse_authority,
    split_userinfo,
)

if TYPE_CHECKING:
    import ipaddress


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.test", Authority(None, "a.test", "a.test", None, None)),
        ("A.Test.", Authority(None, "a.test.", "a.test.", None, None)),
        ("a_b-c.test:", Authority(None, "a_b-c.test", "a_b-c.test", None, None)),
        ("-a.test:00080", Authority(None, "-a.test", "-a.test", None, 80)),
        ("127.0.0.1:65535", Authority(None, "127.0.0.1", "127.0.0.1", None, 65535)),
        ("255.249.199.0", Authority(None, "255.249.199.0", "255.249.199.0", None, None)),
        ("[2001:DB8:0:0::1]:1", Authority(None, "2001:db8::1", "[2001:db8:0:0::1]", None, 1)),
        ("[::FFFF:1.2.3.4]", Authority(None, "::ffff:1.2.3.4", "[::ffff:1.2.3.4]", None, None)),
        ("[::ffff:102:304]", Authority(None, "::ffff:1.2.3.4", "[::ffff:102:304]", None, None)),
        ("[fe80::1%25Eth0]", Authority(None, "fe80::1", "[fe80::1]", "Eth0", None)),
        ("[febf::1%en.1]:8", Authority(None, "febf::1", "[febf::1]", "en.1", 8)),
        ("@a.test", Authority(None, "a.test", "a.test", None, None)),
        ("u@a.test", Authority("u", "a.test", "a.test", None, None)),
        (":@a.test", Authority(":", "a.test", "a.test", None, None)),
        ("u:p:q%3a@a.test:1", Authority("u:p:q%3a", "a.test", "a.test", None, 1)),
        ("u:100%@a.test", Authority("u:100%25", "a.test", "a.test", None, None)),
        ("ž:y@a.test", Authority("%C5%BE:y", "a.test", "a.test", None, None)),
        ("u!$&'()*+,;=x:;@a.test", Authority("u!$&'()*+,;=x:;", "a.test", "a.test", None, None)),
        ("xn--bcher-kva.test", Authority(None, *["xn--bcher-kva.test"] * 2, None, None)),
        ("BÜCHER.Test", Authority(None, *["xn--bcher-kva.test"] * 2, None, None)),
        ("xn--i-7iq.test", Authority(None, *["xn--i-7iq.test"] * 2, None, None)),  # "i❤"
    ],
)
def test_an_authority(text: str, expected: Authority) -> None:
    assert parse_authority(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # IDNA 2008 keeps what IDNA 2003 maps away.
        ("straße.test", "xn--strae-oqa.test"),
        ("STRASSE.test", "strasse.test"),
        ("faß.test", "xn--fa-hia.test"),
        ("βόλος.test", "xn--nxasmm1c.test"),
        ("ΒΌΛΟΣ.test", "xn--nxasmq6b.test"),  # UTS 46 maps a capital sigma to a medial one.
        ("नी\u200dल.test", None),
        ("क्\u200dष.test", "xn--11b2ezcw70k.test"),
        ("日本.Test", "xn--wgv71a.test"),
    ],
)
def test_internationalised_names(name: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="not an internationalised name"):
            canonical_name(name)
    else:
        assert canonical_name(name) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (":80", "is empty"),
        ("u@", "is empty"),
        (".", "is empty"),
        ("..", "an empty label"),
        (".a.test", "an empty label"),
        ("a..test", "an empty label"),
        ("a.test..", "an empty label"),
        ("*.a.test", "no host name has"),
        ("a;b.test", "no host name has"),
        ("a,b.test", "no host name has"),
        ("a~.test", "no host name has"),
        ("a%2fb.test", "no host name has"),
        ("%61.test", "no host name has"),
        ("a.test:80a", "not a host with or without a port"),
        ("a.test:-1", "not a host with or without a port"),
        ("a.test:+1", "not a host with or without a port"),
        ("a.test:80:81", "not a host with or without a port"),
        ("a.test:\u0661", "not a host with or without a port"),
        ("::1", "not a host with or without a port"),
        ("[::1", "not a host with or without a port"),
        ("::1]", "not a host with or without a port"),
        ("[::1]x", "not a host with or without a port"),
        ("x[::1]", "not a host with or without a port"),
        ("[[::1]]", "not a host with or without a port"),
        ("a.test:0", "the port is not in 1..65535"),
        ("a.test:65536", "the port is not in 1..65535"),
        ("a.test:" + "9" * 5000, "the port is not in 1..65535"),
        ("[]", "must hold an IPv6 address"),
        ("[a.test]", "must hold an IPv6 address"),
        ("[127.0.0.1]", "must hold an IPv6 address"),
        ("[v1.x]", "must hold an IPv6 address"),
        ("[::1::2]", "must hold an IPv6 address"),
        ("[1:2:3:4:5:6:7]", "must hold an IPv6 address"),
        ("[::1.2.3.04]", "must hold an IPv6 address"),
        ("[::\u0661]", "must hold an IPv6 address"),
        ("[" + ":" * 60000 + "]", "must hold an IPv6 address"),
        ("[::1%25en0]", "only a link-local address"),
        ("[fec0::1%25en0]", "only a link-local address"),
        ("[fe80::1%]", "the zone of the address is not one"),
        ("[fe80::1%25]", "the zone of the address is not one"),
        ("[fe80::1%25a%2Fb]", "the zone of the address is not one"),
        ("[fe80::1%25a:b]", "the zone of the address is not one"),
        ("a b.test", "a blank or a control character"),
        ("a\n.test", "a blank or a control character"),
        ("a.test\x00", "a blank or a control character"),
        ("u v@a.test", "a blank or a control character"),
        ("a.test\\@b.test", "a backslash"),
        ("u\\:p@a.test", "a backslash"),
        ("u@v@a.test", "'@' in the userinfo"),
        ("u:p@b.test@a.test", "'@' in the userinfo"),
        ("u[:p@a.test", "a bracket in the userinfo"),
        ("[::1]@a.test", "a bracket in the userinfo"),
        ("a.test;@b.test", "';' in the userinfo"),
        ("a.test;x:p@b.test", "';' in the userinfo"),
        ("localhost;@b.test", "';' in the userinfo"),
        # Under NFKC these are, or contain, "#", "@", "/", "[", ":", ".", " ".
        ("a.test\uff03@b.test", r"U\+FF03 stands for a delimiter"),
        ("u\uff03:p@a.test", r"U\+FF03 stands for a delimiter"),
        ("u:p\uff20b.test@a.test", r"U\+FF20 stands for a delimiter"),
        ("a\u2100b.test", r"U\+2100 stands for a delimiter"),
        ("a\uff0fb.test", r"U\+FF0F stands for a delimiter"),
        ("a\ufe47b.test", r"U\+FE47 stands for a delimiter"),
        ("a.test\uff1a80", r"U\+FF1A stands for a delimiter"),
        ("a\u2024test", r"U\+2024 stands for a delimiter"),
        ("a\u3000.test", r"U\+3000 stands for a delimiter"),
        ("\u212aelvin.test", r"U\+212A stands for an ASCII letter"),
        ("\u0130.test", r"U\+0130 stands for an ASCII letter"),
        ("☃.test", "not an internationalised name"),
        ("\uff41.test", "not an internationalised name"),
        ("bücher。test", "not an internationalised name"),
        ("u\u0308.test", "not an internationalised name"),  # Not in NFC.
        ("_ü.test", "not an internationalised name"),
        ("①②⑦.0.0.1", "not an internationalised name"),
        ("ü" * 63 + ".test", "not an internationalised name"),
        # Labels that do not stand for themselves.
        ("xn--.test", "'xn--' label"),
        ("xn--a.test", "'xn--' label"),  # U+0080
        ("xn--abc-6m0a.test", "'xn--' label"),  # U+200B
        ("xn--a-.test", "'xn--' label"),
        ("xn--example-.test", "'xn--' label"),
        ("a.XN--EXAMPLE-", "'xn--' label"),
        ("xn--99999999.test", "'xn--' label"),
        ("xn--a_b.test", "'xn--' label"),
        ("xn--bcher-2pa.test", "'xn--' label"),  # "bÜcher"
        # Numbers that a resolver takes for addresses.
        ("127.1", "must be a dotted quad"),
        ("2130706433", "must be a dotted quad"),
        ("0x7f000001", "must be a dotted quad"),
        ("0X7F.0.0.1", "must be a dotted quad"),
        ("017700000001", "must be a dotted quad"),
        ("127.0.0.0x1", "must be a dotted quad"),
        ("127.0.0.1.", "must be a dotted quad"),
        ("127.0.0.256", "must be a dotted quad"),
        ("127.0.0.01", "must be a dotted quad"),
        ("1.127.0.0.1", "must be a dotted quad"),
        ("a.test.0x", "must be a dotted quad"),
        ("a.1", "must be a dotted quad"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_authority(text)


@pytest.mark.parametrize("suffix", ["", "."])
def test_the_longest_name(suffix: str) -> None:
    label = "a" * 63
    name = ".".join([label, label, label, "a" * 61])
    assert canonical_name(name + suffix) == name + suffix
    for longer in ["a" + label, f"{label}.{label}.{label}.{'a' * 62}"]:
        with pytest.raises(ValueError, match="longer than"):
            canonical_name(longer + suffix)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("a\u0300" * 50_000 + ".test", 253),
        ("\u0300" * 64 + ".test", 63),
        ("ü." * 126 + "üü", 253),  # Short enough as given, not when encoded.
    ],
)
def test_lengths_are_checked_before_and_after_encoding(name: str, most: int) -> None:
    with pytest.raises(ValueError, match=f"longer than {most} characters"):
        canonical_name(name)


@pytest.mark.parametrize(
    ("userinfo", "expected"),
    [
        ("u", ("u", "")),
        ("u:", ("u", "")),
        (":p", ("", "p")),
        ("us%40er:p%3Aw%2F:x", ("us@er", "p:w/:x")),
        ("us%C5%A1er:%E9", ("usšer", "é")),  # The latter is not UTF-8.
    ],
)
def test_user_and_password(userinfo: str, expected: tuple[str, str]) -> None:
    assert split_userinfo(userinfo) == expected


@given(st.ip_addresses(v=4))
def test_every_dotted_quad_is_canonical(address: ipaddress.IPv4Address) -> None:
    assert canonical_name(str(address)) == str(address)


@given(st.ip_addresses(v=6))
def test_all_spellings_of_an_address_are_one_host(address: ipaddress.IPv6Address) -> None:
    spellings = [address.exploded, address.exploded.upper(), address.compressed]
    found = [parse_authority(f"[{spelling}]") for spelling in spellings]
    assert len({authority.host for authority in found}) == 1
    assert [authority.spelling for authority in found] == [
        f"[{each.lower()}]" for each in spellings
    ]


@given(st.text(min_size=1, max_size=8))
def test_a_canonical_name_is_its_own(name: str) -> None:
    try:
        host = canonical_name(name)
    except ValueError:
        return
    assert host.isascii()
    assert canonical_name(host) == host
