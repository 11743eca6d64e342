"""Digest: credentials that prove a password without showing it (RFC 7616).

Pure functions: which challenge can be answered, and the answer. Counting and remembering is for
``digest_auth``. What a peer sent is text with one code point for each byte, and is hashed as the
bytes that it was sent as.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sojourn_core.values.errors import InvalidHeader
from sojourn_core.values.named_tuple import NamedTuple
from sojourn_core.values.record import record
from sojourn_core.values.value import Value

from .credentials import as_nfc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .challenge import Challenge

# The registry of RFC 7616 section 6.1, and "SHA" and "SHA-512", which Requests answers as well.
# SHA-512-256 is SHA-512/256 of FIPS 180-4: its own initial values, not SHA-512 cut short.
_HASHES: Final = {
    "md5": "md5",
    "sha": "sha1",
    "sha-256": "sha256",
    "sha-512": "sha512",
    "sha-512-256": "sha512_256",
}
_SESSION: Final = "-sess"
_UNQUOTED: Final = frozenset({"algorithm", "qop", "nc", "userhash", "username*"})
_UNQUOTED_BY_REQUESTS: Final = frozenset({"nc", "userhash", "username*"})
_TO_ESCAPE: Final = re.compile(r'(["\\])')
_ESCAPE: Final = r"\\\1"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
NONCE_COUNT_MAX: Final = 0xFFFFFFFF  # Eight hexadecimal digits are all that it has.


@record(frozen=True, kw_only=True)
class DigestChallenge(Value):
    """A Digest challenge that can be answered.

    Attributes:
        realm: What the password is for.
        nonce: The server's part of what is hashed.
        algorithm: As it was sent; None if it was not, which means MD5.
        hash_name: The hash function, as ``hashlib`` calls it.
        session: Whether the key is made once for a nonce, ``-sess``.
        qop: ``auth``, ``auth-int`` (content is covered), or None as in RFC 2069.
        opaque: What is sent back as it is, or None.
        utf8: Whether user name and password are hashed as UTF-8.
        userhash: Whether the user name goes hashed.
        stale: Whether only the nonce of the last request was wrong, and not its password.
    """

    realm: str
    nonce: str
    algorithm: str | None = None
    hash_name: str = "md5"
    session: bool = False
    qop: str | None = None
    opaque: str | None = None
    utf8: bool = False
    userhash: bool = False
    stale: bool = False


@record(frozen=True, kw_only=True)
class DigestCredentials(Value):
    """User name and password; never shown.

    Attributes:
        username: Text, or bytes that are taken as they are.
        password: The same.
        as_requests: Whether to hash as Requests does: text as UTF-8 whatever the challenge says,
            and the user name never hashed by itself.
    """

    username: str | bytes
    password: str | bytes
    as_requests: bool = False

    def __repr__(self) -> str:
        return "DigestCredentials(***)"


def choose_challenge(
    challenges: Iterable[Challenge], *, content_known: bool = True
) -> DigestChallenge | None:
    """Choose the first challenge that can be answered (RFC 7616 section 3.7), or None.

    Args:
        challenges: As they were sent: the server puts what it prefers first.
        content_known: Whether the content is there to be hashed. Where it is not, being streamed,
            a challenge that has ``auth-int`` alone cannot be answered.
    """
    for challenge in challenges:
        found = read_challenge(challenge)
        if found is not None and (content_known or found.qop != "auth-int"):
            return found
    return None


def read_challenge(challenge: Challenge) -> DigestChallenge | None:
    """Read a challenge; None if it is not for Digest, or cannot be answered.

    With ``auth`` and ``auth-int`` on offer it is ``auth``, as in curl and Requests: that lets the
    content go as a stream. ``-sess`` without a qop cannot be answered, because the client's part of
    the key would never reach the server. An empty list of qop values is taken for none.

    Sources: RFC 7616 sections 3.3 and 3.4.2; RFC 2069 for challenges without qop.
    """
    params = challenge.params
    realm, nonce = params.get("realm"), params.get("nonce")
    if challenge.scheme != "digest" or realm is None or nonce is None:
        return None
    algorithm = params.get("algorithm")
    name = "md5" if algorithm is None else algorithm.lower()
    hash_name = _HASHES.get(name.removesuffix(_SESSION))
    if hash_name is None or not _has_hash(hash_name):
        return None
    session = name.endswith(_SESSION)
    offered = {value.strip(" \t").lower() for value in params.get("qop", "").split(",")} - {""}
    qop = next((value for value in ("auth", "auth-int") if value in offered), None)
    if qop is None and (offered or session):
        return None
    return DigestChallenge(
        realm=realm,
        nonce=nonce,
        algorithm=algorithm,
        hash_name=hash_name,
        session=session,
        qop=qop,
        opaque=params.get("opaque"),
        utf8=params.get("charset", "").lower() == "utf-8",
        userhash=params.get("userhash", "").lower() == "true",
        stale=params.get("stale", "").lower() == "true",
    )


class Asked(NamedTuple):
    """The parts of a request that an answer vouches for.

    Attributes:
        method: The request method.
        uri: The request-target as it is sent.
        content: The content, for ``auth-int``: bytes, or pieces of them; None is empty.
    """

    method: str
    uri: str
    content: bytes | Iterable[bytes] | None = None


def answer(
    challenge: DigestChallenge,
    credentials: DigestCredentials,
    asked: Asked,
    *,
    cnonce: str = "",
    nonce_count: int = 1,
    session_nonces: tuple[str, str] | None = None,
) -> dict[str, str]:
    """Return the parameters of an answer, unquoted, in the order in which Requests writes them.

    Args:
        challenge: What is answered.
        credentials: With what.
        asked: The request that the answer is for.
        cnonce: The client's part of what is hashed, ASCII; not used without a qop.
        nonce_count: How often the nonce was used, this time included; up to ``NONCE_COUNT_MAX``.
        session_nonces: For ``-sess``: nonce and cnonce of the first request with the key, which
            were hashed into it. None if this is the first.

    Raises:
        InvalidHeader: If the user name holds a control character or credentials cannot be encoded.

    Sources: RFC 7616 sections 3.4.1 to 3.4.6; section 3.4.4 for ``userhash``.
    """
    username, password = octets_of(credentials, utf8=challenge.utf8)
    realm, nonce = challenge.realm.encode("latin-1"), challenge.nonce.encode("latin-1")

    def digest(*parts: bytes) -> bytes:
        octets = b":".join(parts)
        made = hashlib.new(challenge.hash_name, octets, usedforsecurity=False)
        return made.hexdigest().encode()

    secret = digest(username, realm, password)
    if challenge.session:
        first, own = session_nonces or (challenge.nonce, cnonce)
        secret = digest(secret, first.encode("latin-1"), own.encode("latin-1"))
    hashed = [asked.method.encode("latin-1"), asked.uri.encode("latin-1")]
    if challenge.qop == "auth-int":
        hashed.append(_hash_of(asked.content, challenge.hash_name))
    count = f"{nonce_count:08x}"
    middle: list[bytes] = []
    if challenge.qop is not None:
        middle = [count.encode(), cnonce.encode("latin-1"), challenge.qop.encode()]
    response = digest(secret, nonce, *middle, digest(*hashed))

    params = _name(challenge, credentials, username, digest(username, realm).decode())
    params |= {"realm": challenge.realm, "nonce": challenge.nonce, "uri": asked.uri}
    params["response"] = response.decode()
    if challenge.opaque or (challenge.opaque == "" and not credentials.as_requests):
        params["opaque"] = challenge.opaque
    if challenge.algorithm is not None:
        params["algorithm"] = challenge.algorithm
    if challenge.qop is not None:
        params |= {"qop": challenge.qop, "nc": count, "cnonce": cnonce}
    if challenge.userhash and not credentials.as_requests:
        params["userhash"] = "true"
    return params


def write_credentials(params: Mapping[str, str], *, quotes_all: bool = False) -> str:
    """Write the value of an Authorization field with these parameters.

    Args:
        params: Unquoted.
        quotes_all: Quote ``algorithm`` and ``qop`` too, as Requests does. Some servers want that,
            and others what RFC 7616 section 3.4 says: these two never.
    """
    unquoted = _UNQUOTED_BY_REQUESTS if quotes_all else _UNQUOTED
    return "Digest " + ", ".join(
        f"{name}={value}" if name in unquoted else f'{name}="{_TO_ESCAPE.sub(_ESCAPE, value)}"'
        for name, value in params.items()
    )


def octets_of(credentials: DigestCredentials, *, utf8: bool) -> tuple[bytes, bytes]:
    """Return user name and password as they are hashed.

    Text is in Normalization Form C where the challenge says UTF-8 (RFC 7616 section 4).
    A challenge that does not say UTF-8 leaves the encoding open (RFC 7616 section 4). Then it is
    ISO-8859-1, as it was when such servers were written, if that can say both, and else UTF-8.

    Raises:
        InvalidHeader: If the user name holds a control character or credentials cannot be encoded.
    """
    both = [credentials.username, credentials.password]
    charset = "utf-8"
    if utf8 and not credentials.as_requests:
        both = [as_nfc(each) if isinstance(each, str) else each for each in both]
    elif not credentials.as_requests:
        text = "".join(each for each in both if isinstance(each, str))
        if max(text, default="") <= "\xff":
            charset = "latin-1"
    try:
        username, password = (
            each.encode(charset) if isinstance(each, str) else each for each in both
        )
    except UnicodeEncodeError:
        raise InvalidHeader("Digest credentials cannot be encoded as utf-8") from None
    if _CONTROL.search(username.decode("latin-1")) is not None:
        raise InvalidHeader("the user name of Digest credentials holds a control character")
    return username, password


def _name(
    challenge: DigestChallenge, credentials: DigestCredentials, octets: bytes, hashed: str
) -> dict[str, str]:
    """Return the parameter that names the user: bytes, their hash, or UTF-8 in RFC 8187's way."""
    if challenge.userhash and not credentials.as_requests:
        return {"username": hashed}
    if challenge.utf8 and not octets.isascii():  # Never with userhash (RFC 7616 section 3.4).
        return {"username*": f"UTF-8''{quote(octets, safe='')}"}
    username = credentials.username
    if (
        credentials.as_requests
        and isinstance(username, str)
        and max(username, default="") <= "\xff"
    ):
        return {"username": username}  # Fields are ISO-8859-1 for Requests, whatever it hashed.
    return {"username": octets.decode("latin-1")}


@cache
def _has_hash(name: str) -> bool:
    """Return whether there is this hash function: only OpenSSL brings SHA-512/256."""
    try:
        hashlib.new(name, usedforsecurity=False)
    except ValueError:
        return False
    return True


def _hash_of(content: bytes | Iterable[bytes] | None, hash_name: str) -> bytes:
    made = hashlib.new(hash_name, usedforsecurity=False)
    for piece in (content or b"",) if content is None or isinstance(content, bytes) else content:
        made.update(piece)
    return made.hexdigest().encode()
