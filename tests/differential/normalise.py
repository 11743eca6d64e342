"""What a run gave, as plain data in which nothing differs from run to run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import md5, sha1, sha256, sha512
from typing import Any, Final

import requests.exceptions as known_errors

from tests.differential.model import PASSWORDS, Seen

USER_AGENT: Final = re.compile(r"(?:python-requests|sojourn)/[\w.]+")
CODINGS: Final = re.compile(r"gzip, deflate(?:, br)?(?:, zstd)?")
BOUNDARY: Final = re.compile(rb"--([0-9a-f]{32})(?:--)?\r\n")
PARAMETER: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
TRANSPORT: Final = re.compile(r"python-urllib3/[\w.]+|sojourn/[\w.]+ \(transport\)")
ADDED_CODING: Final = (1, "accept-encoding", "identity")  # Just after Host.
HASHES: Final = {"MD5": md5, "SHA": sha1, "SHA-256": sha256, "SHA-512": sha512}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one case with one client.

    Attributes:
        seen: What the origins saw, as plain data.
        got: What the program returned, as plain data; None if it raised.
        error: Name of the error's class, or None.
        catches: Names of all classes that would catch it.
        told: The error's text, for the reader of a failed test; not compared.
    """

    seen: tuple[Mapping[str, Any], ...]
    got: Any
    error: str | None
    told: str = ""
    catches: frozenset[str] = frozenset()


def name_of(error: BaseException) -> str:
    """Name an error by the nearest class that users of Requests know; see ``names_of``."""
    return names_of(error)[0]


def names_of(error: BaseException) -> list[str]:
    """Name the classes of an error that users of Requests know, the nearest first.

    An error that is an addition below one of Requests' names is caught by the clauses for that
    name, and counts as it.
    """
    names = []
    for each in type(error).__mro__:
        package = each.__module__.partition(".")[0]
        if package not in {"requests", "sojourn", "sojourn_core"}:
            names.append(f"{each.__module__}.{each.__name__}")
        elif issubclass(getattr(known_errors, each.__name__, int), Exception):
            names.append(each.__name__)
    return names


# --- what an origin saw -------------------------------------------------------------------------


def seen_as_data(seen: Seen, *, ordered: bool, transport: bool = False) -> Mapping[str, Any]:
    """A request without what differs from run to run and from product to product.

    Args:
        seen: The request.
        ordered: Whether its field lines keep their order.
        transport: Whether to keep what the transport of Requests adds of its own: its User-Agent
            and ``Accept-Encoding: identity``, where a program said nothing of them.
    """
    content, line = seen.content, seen.line
    started = BOUNDARY.match(content or b"")
    boundary = started[1] if started else b""
    if boundary and content:
        content = content.replace(boundary, b"BOUNDARY")
    fields = []
    for index, (name, given) in enumerate(seen.fields):
        value = given
        folded = name.lower()
        if not transport and ((index, folded, value) == ADDED_CODING or TRANSPORT.match(value)):
            continue
        if seen.method == "CONNECT" and folded == "host":
            continue  # Which Python 3.11 does not send, in HTTP/1.0, and Python 3.12 does.
        if folded == "user-agent":
            value = USER_AGENT.sub("PRODUCT", TRANSPORT.sub("TRANSPORT", value))
        elif folded == "accept-encoding":
            value = CODINGS.sub("CODINGS", value)
        elif folded == "content-type" and boundary:
            value = value.replace(boundary.decode(), "BOUNDARY")
        elif folded in {"authorization", "proxy-authorization"} and value.startswith("Digest "):
            value = _checked_digest(value, seen)
        fields.append((name, value))
    if not ordered:
        fields.sort()
    if seen.method == "CONNECT":
        line = line.replace("HTTP/1.0", "HTTP/1.1")
    return {"place": seen.place, "line": line, "fields": fields, "content": content}


def _checked_digest(value: str, seen: Seen) -> str:
    """Digest credentials with their answer checked, and what is random in them replaced."""
    found = {each[1]: each[2] or each[3] or "" for each in PARAMETER.finditer(value)}
    right = found.get("response") == _digest_response(found, seen)
    value = re.sub(r'response="\w+"', f'response="{"right" if right else "wrong"}"', value)
    return re.sub(r'cnonce="\w+"', 'cnonce="RANDOM"', value)


def _digest_response(found: Mapping[str, str], seen: Seen) -> str | None:
    """The response that RFC 7616 section 3.4.1 wants, or None for an algorithm not known here."""
    algorithm = found.get("algorithm", "MD5").upper()
    hashed = HASHES.get(algorithm.removesuffix("-SESS"))
    if hashed is None:
        return None

    def digest(*parts: str) -> str:
        return hashed(":".join(parts).encode()).hexdigest()

    user = found.get("username", "")
    first = digest(user, found.get("realm", ""), PASSWORDS.get(user, ""))
    if algorithm.endswith("-SESS"):
        first = digest(first, found.get("nonce", ""), found.get("cnonce", ""))
    second = digest(seen.method, found.get("uri", ""))
    if "qop" not in found:
        return digest(first, found.get("nonce", ""), second)
    middle = (found.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
    return digest(first, *middle, second)


# --- what a caller got --------------------------------------------------------------------------


def as_data(value: Any) -> Any:
    """Plain data for what a program returned."""
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if isinstance(value, timedelta):
        return "a timedelta"
    if isinstance(value, BaseException):
        return name_of(value)
    if hasattr(value, "status_code") and hasattr(value, "history"):
        return response_as_data(value)
    if hasattr(value, "prepare_url") and hasattr(value, "body"):
        return request_as_data(value)
    if _is_jar(value):
        return jar_as_data(value)
    if isinstance(value, Mapping):
        return {as_data(key): as_data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(map(as_data, value), key=repr)
    return f"a {type(value).__name__}"


def response_as_data(response: Any) -> Mapping[str, Any]:
    """All of a response that does not need its charset; its content is read."""
    try:
        content = response.content
    except Exception as error:  # noqa: BLE001 - it is what the caller would get
        content = name_of(error)
    return {
        "status": response.status_code,
        "url": response.url,
        "reason": response.reason,
        "history": [(each.status_code, each.url) for each in response.history],
        "fields": [(name, value) for name, value in response.headers.items()],
        "cookies": jar_as_data(response.cookies),
        "content": content,
    }


def request_as_data(request: Any) -> Mapping[str, Any]:
    """A prepared request."""
    body = request.body
    if isinstance(body, str):
        body = body.encode()
    elif body is not None and not isinstance(body, bytes):
        body = "a stream"
    seen = Seen(
        place="",
        line=f"{request.method} {request.url} HTTP/1.1",
        fields=tuple((str(name), _text(value)) for name, value in request.headers.items()),
        content=body if isinstance(body, bytes) else None,
    )
    data = dict(seen_as_data(seen, ordered=True))
    return {
        "method": request.method,
        "url": request.url,
        "fields": data["fields"],
        "body": body if isinstance(body, str) else data["content"],
    }


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _is_jar(value: Any) -> bool:
    return hasattr(value, "set_policy") or hasattr(value, "cookie_field")


def jar_as_data(jar: Any) -> Any:
    """The cookies of a jar, sorted: name, value, domain without its dot, path."""
    return sorted(
        (each.name, each.value, (each.domain or "").lstrip("."), each.path or "") for each in jar
    )


# --- where two outcomes differ ------------------------------------------------------------------


def differences(expected: Outcome, found: Outcome) -> list[str]:
    """Say where two outcomes differ, one line for each place."""
    lines: list[str] = []
    if expected.error != found.error and expected.error not in found.catches:
        told = found.told or expected.told
        lines.append(f"error: {expected.error} -> {found.error} ({told})")
    _compare("seen", list(expected.seen), list(found.seen), lines)
    if expected.error is None and found.error is None:
        _compare("got", expected.got, found.got, lines)
    return lines


def _compare(where: str, expected: Any, found: Any, lines: list[str]) -> None:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in [*expected, *(key for key in found if key not in expected)]:
            _compare(f"{where}.{key}", expected.get(key), found.get(key), lines)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            _compare(f"{where}[{index}]", one, other, lines)
    elif type(expected) is not type(found) or expected != found:
        lines.append(f"{where}: {_cut(expected)} -> {_cut(found)}")


def _cut(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 600 else f"{text[:600]}..."
