"""The authority of a URL: userinfo, host and port, with the host in its canonical form.

An authority is read once, here, and everything that names a host (the connect target, the Host
field, cookies, credentials) comes from that reading. So whatever two readers could take for two
hosts is refused rather than repaired: a backslash, a second ``@``, a character that turns into a
delimiter under NFKC, an escape in a host, a number that a resolver would take for an address, a
spelling of an internationalised name that is not the one that encoding gives. Lengths are checked
before anything costs more than one pass over the text.
"""

from __future__ import annotations

from typing import Final

from sojourn_core.values.expressions import expression
from sojourn_core.values.named_tuple import NamedTuple

from .percent import encode_userinfo

HOST_SIZE_MAX: Final = 253  # RFC 1035 section 2.3.4, without the dot of the root.
LABEL_SIZE_MAX: Final = 63
PORT_MAX: Final = 65535

_HOST_AND_PORT: Final = expression(r"(?:\[([^\[\]]*)\]|([^\[\]:]*))(?::([0-9]*))?")
_LABEL: Final = expression(r"[a-z0-9_-]+")
_NUMERIC: Final = expression(r"[0-9]+|0x[0-9a-f]*")
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4_PATTERN: Final = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_IPV4: Final = expression(IPV4_PATTERN)
_IPV6: Final = expression(r"[0-9a-f:.]{2,45}")
_ZONE: Final = expression(r"[A-Za-z0-9._~-]+")
_BLANK_OR_CONTROL: Final = expression(r"[\x00-\x20\x7f]")
_DELIMITERS: Final = frozenset("/?#@:[]\\%;. ")
_ASCII_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_JOINERS: Final = "\u200c\u200d"  # Scripts of India and Iran need them; IDNA 2008 has them.


class Authority(NamedTuple):
    """An authority, taken apart.

    Attributes:
        userinfo: Percent-encoded, as it stands before the ``@``; None if absent or empty.
        host: Canonical, without brackets and zone; hosts are compared by it.
        spelling: As it stands in the URL: with brackets for IPv6, without the zone.
        zone: Zone of a link-local address (RFC 6874), or None.
        port: The port given, or None.
    """

    userinfo: str | None
    host: str
    spelling: str
    zone: str | None
    port: int | None


def parse_authority(text: str) -> Authority:
    """Read an authority, given as Unicode text (RFC 3986 section 3.2).

    Raises:
        ValueError: It is not one; the message is the reason and repeats nothing of a userinfo.
    """
    _check_characters(text)
    userinfo: str | None = None
    place = text
    if "@" in text:
        userinfo, place = _split_userinfo(text)
    match = _HOST_AND_PORT.fullmatch(place)
    if match is None:
        raise ValueError("the authority is not a host with or without a port")
    literal, name, port = match.groups()
    if literal is not None:
        host, spelling, zone = _ipv6_host(literal)
        return Authority(userinfo, host, spelling, zone, _port(port))
    host = canonical_name(name)
    return Authority(userinfo, host, host, None, _port(port))


def split_userinfo(userinfo: str) -> tuple[str, str]:
    """Split an encoded userinfo into user and password, decoded; an absent password is empty.

    The bytes are read as UTF-8, or as ISO-8859-1 where they are not UTF-8.
    """
    user, _, password = userinfo.partition(":")
    return _decoded(user), _decoded(password)


def canonical_name(name: str) -> str:
    """Return the canonical form of a host that is a name or a dotted quad.

    A trailing dot stays. Labels may hold letters, digits, ``-`` and ``_``; those with other
    characters go through IDNA 2008, with no mapping but that of case.

    Raises:
        ValueError: It is neither.
    """
    bare = name.removesuffix(".")
    if not bare:
        raise ValueError("the host is empty")
    if len(bare) > HOST_SIZE_MAX:  # Before IDNA, whose time grows with the square of the length.
        raise ValueError(f"the host is longer than {HOST_SIZE_MAX} characters")
    labels = [_canonical_label(label) for label in bare.split(".")]
    host = ".".join(labels)
    if len(host) > HOST_SIZE_MAX:
        raise ValueError(f"the host is longer than {HOST_SIZE_MAX} characters")
    if _NUMERIC.fullmatch(labels[-1]) and (bare != name or _IPV4.fullmatch(host) is None):
        # A resolver reads 127.1, 0x7f000001 and 2130706433 as addresses too: WHATWG URL, "ends in
        # a number checker".
        raise ValueError("a host that ends in a number must be a dotted quad")
    return host + name[len(bare) :]


def is_ipv4(host: str) -> bool:
    """Say whether a canonical host is a dotted quad."""
    return host[-1:].isdecimal() and _IPV4.fullmatch(host) is not None


def _check_characters(text: str) -> None:
    if _BLANK_OR_CONTROL.search(text) is not None:
        raise ValueError("the authority has a blank or a control character")
    if "\\" in text:
        raise ValueError("the authority has a backslash")
    if text.isascii():
        return
    import unicodedata

    # Character by character: NFKC of a long run of combining marks takes quadratic time, and a
    # delimiter comes out of one character alone.
    for char in set(text):
        if char > "\x7f" and not _DELIMITERS.isdisjoint(unicodedata.normalize("NFKC", char)):
            raise ValueError(f"U+{ord(char):04X} stands for a delimiter")


def _split_userinfo(text: str) -> tuple[str | None, str]:
    userinfo, _, place = text.rpartition("@")
    if "@" in userinfo:
        raise ValueError("'@' in the userinfo must be written as %40")
    if "[" in userinfo or "]" in userinfo:
        raise ValueError("a bracket in the userinfo must be percent-encoded")
    before, semicolon, after = userinfo.partition(":")[0].partition(";")
    if semicolon and (not after or "." in before):
        # http://a.test;@b.test/ is a.test for those who end a host at the semicolon.
        raise ValueError("';' in the userinfo must be written as %3B")
    return encode_userinfo(userinfo) or None, place


def _decoded(text: str) -> str:
    from urllib.parse import unquote_to_bytes  # Few URLs have user info.

    octets = unquote_to_bytes(text)
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _port(digits: str | None) -> int | None:
    if not digits:
        return None  # "http://a.test:/" is "http://a.test/": RFC 3986 section 6.2.3.
    digits = digits.lstrip("0")
    if not digits or len(digits) > len(str(PORT_MAX)) or int(digits) > PORT_MAX:
        raise ValueError(f"the port is not in 1..{PORT_MAX}")
    return int(digits)


def _canonical_label(label: str) -> str:
    if not label:
        raise ValueError("the host has an empty label")
    if len(label) > LABEL_SIZE_MAX:
        raise ValueError(f"the host has a label longer than {LABEL_SIZE_MAX} characters")
    if not label.isascii():
        return _a_label(label)
    label = label.lower()
    if _LABEL.fullmatch(label) is None:
        raise ValueError("the host has a character that no host name has")
    if label.startswith("xn--"):
        _check_a_label(label)
    return label


def _a_label(label: str) -> str:
    # One character at a time, as UTS 46 maps: lower() alone takes a final sigma for another one.
    lowered = ""
    for char in label:
        lower = char.lower()
        if char > "\x7f" and not _ASCII_LETTERS.isdisjoint(lower):
            raise ValueError(f"U+{ord(char):04X} stands for an ASCII letter")
        lowered += lower
    import idna  # Nearly all names are ASCII, and go without.

    try:
        return idna.encode(lowered, strict=True, std3_rules=True).decode("ascii")
    except UnicodeError:  # idna.IDNAError is one; a lone surrogate may raise another.
        raise ValueError("the host is not an internationalised name of IDNA 2008") from None


def _check_a_label(label: str) -> None:
    """Refuse an A-label that is not the one that its own decoding gives.

    Names that IDNA 2008 has no U-label for, such as those with an emoji, are in use and pass. The
    check is that no two spellings name one host, and that none has anything invisible in it.
    """
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
        same = decoded.encode("punycode").decode("ascii") == label[4:]
    except (UnicodeError, OverflowError):
        same, decoded = False, ""
    import unicodedata

    folded = unicodedata.normalize("NFKC", "".join([char.lower() for char in decoded]))
    seen = all(unicodedata.category(c)[0] not in "CZ" or c in _JOINERS for c in decoded)
    if not (same and seen) or decoded.isascii() or folded != decoded:
        raise ValueError("the host has an 'xn--' label that does not stand for itself")


def _ipv6_host(literal: str) -> tuple[str, str, str | None]:
    """Read what stands in brackets: the canonical host, its spelling in brackets, and its zone."""
    from ipaddress import IPv6Address

    spelled, percent, zone = literal.partition("%")
    spelled = spelled.lower()
    try:
        if _IPV6.fullmatch(spelled) is None:
            raise ValueError  # noqa: TRY301  # Told below, with what the module finds.
        address = IPv6Address(spelled)
    except ValueError:
        raise ValueError("brackets must hold an IPv6 address") from None
    mapped = address.ipv4_mapped
    # RFC 5952 section 5; what str() makes of these changed with Python 3.13.
    host = f"::ffff:{mapped}" if mapped is not None else str(address)
    if not percent:
        return host, f"[{spelled}]", None
    zone = zone.removeprefix("25")  # RFC 6874; browsers' and RFC 4007's bare "%" is taken too.
    if not address.is_link_local:
        raise ValueError("only a link-local address has a zone")
    if _ZONE.fullmatch(zone) is None:
        raise ValueError("the zone of the address is not one")
    return host, f"[{spelled}]", zone
