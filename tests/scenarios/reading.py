"""Requests as octets, read back: the one reader for what came to the peers of every run."""

from __future__ import annotations

import ipaddress

from tests.scenarios.model import Received

HEAD_END = b"\r\n\r\n"


def requests_in(octets: bytes) -> tuple[Received, ...]:
    """List the requests on one connection; a head that is not complete is no request.

    What a proxy is asked by SOCKS is one too: its line names the version, the user and password,
    if there are any, and the place.
    """
    requests: list[Received] = []
    if octets[:1] in (b"\x04", b"\x05"):
        line, octets = (_socks4 if octets[0] == 4 else _socks5)(octets)
        requests.append(Received(line, (), b""))
    while HEAD_END in octets:
        head, octets = octets.split(HEAD_END, 1)
        line, *rest = head.decode("latin-1").split("\r\n")
        fields = tuple(_field(each) for each in rest)
        folded = {name.lower(): value for name, value in fields}
        line, _, version = line.rpartition(" ")
        assert version == "HTTP/1.1"
        content: bytes | None
        if folded.get("transfer-encoding") == "chunked":
            content, octets = _chunked(octets)
        else:
            size = int(folded.get("content-length", "0"))
            content = octets[:size] if len(octets) >= size else None
            octets = octets[size:]
        requests.append(Received(line, fields, content))
    return tuple(requests)


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    assert colon, f"not a field line: {line!r}"
    return name, value.strip(" ")


def _chunked(octets: bytes) -> tuple[bytes | None, bytes]:
    """The content in front, None if it is cut short, and what comes after it."""
    content = b""
    while b"\r\n" in octets:
        size, rest = octets.split(b"\r\n", 1)
        length = int(size, 16)
        if not length and not rest.startswith(b"\r\n"):  # Trailers, which its script has read.
            _, end, octets = rest.partition(HEAD_END)
            return (content, octets) if end else (None, b"")
        chunk, end, octets = rest[:length], rest[length : length + 2], rest[length + 2 :]
        if end != b"\r\n":
            break
        if not length:
            return content, octets
        content += chunk
    return None, b""


def _socks4(octets: bytes) -> tuple[str, bytes]:
    """What is asked by SOCKS 4 or 4a, and what comes after it."""
    port, host = int.from_bytes(octets[2:4]), ipaddress.ip_address(octets[4:8])
    user, _, octets = octets[8:].partition(b"\0")
    version, where = "SOCKS4", str(host)
    if int(host) < 256:
        name, _, octets = octets.partition(b"\0")
        version, where = "SOCKS4A", name.decode()
    return _asked(version, user.decode(), f"{where}:{port}"), octets


def _socks5(octets: bytes) -> tuple[str, bytes]:
    """The same by SOCKS 5."""
    octets, who = octets[2 + octets[1] :], ""
    if octets[0] == 1:
        user, octets = _counted(octets[1:])
        password, octets = _counted(octets)
        who = f"{user.decode()}:{password.decode()}"
    assert octets[:3] == b"\x05\x01\x00"
    if octets[3] == 3:
        name, octets = _counted(octets[4:])
        where = name.decode()
    else:
        size = {1: 4, 4: 16}[octets[3]]
        where, octets = str(ipaddress.ip_address(octets[4 : 4 + size])), octets[4 + size :]
    return _asked("SOCKS5", who, f"{where}:{int.from_bytes(octets[:2])}"), octets[2:]


def _counted(octets: bytes) -> tuple[bytes, bytes]:
    return octets[1 : 1 + octets[0]], octets[1 + octets[0] :]


def _asked(version: str, who: str, where: str) -> str:
    return f"{version} {who} {where}" if who else f"{version} {where}"
