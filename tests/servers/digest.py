"""A server that asks for Digest and takes nothing on trust (RFC 7616).

It is written for itself, with nothing of the client's: every parameter is read and every hash made
here. A nonce that it did not give out is stale, and no nonce is taken twice with the same count.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from typing import TYPE_CHECKING, Final

from .scripted import HandlerServer, Received, response

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

USER: Final = "ada"
PASSWORD: Final = "c0rrect horse"
REALM: Final = "a realm"
HASHES: Final = {
    "MD5": "md5",
    "SHA-256": "sha256",
    "SHA-512": "sha512",
    "SHA-512-256": "sha512_256",
}
PARAMETER: Final = re.compile(r'(\w+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))(?:,\s*|\Z)')


class DigestServer:
    """Answers each request with its content, once it is said who asks.

    Attributes:
        server: What has the requests.
        pairs: Nonce and count of each request that had credentials, in the order of arrival.
        refusals: How often it answered 401.
    """

    def __init__(
        self,
        *,
        algorithm: str = "MD5",
        qop: str | None = "auth",
        nonces_last: int | None = None,
        shares_nonces: bool = False,
    ) -> None:
        """Listen.

        Args:
            algorithm: As in the challenge.
            qop: As in the challenge; None is RFC 2069.
            nonces_last: How many requests a nonce is good for.
            shares_nonces: Whether all are given the same nonce for as long as it is good.
        """
        self.pairs: list[tuple[str, int]] = []
        self.refusals = 0
        self._algorithm = algorithm
        self._qop = qop
        self._nonces_last = nonces_last
        self._shares_nonces = shares_nonces
        self._uses: dict[str, int] = {}
        self._session_keys: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self.server: Final = HandlerServer(self._answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.server.__exit__(kind, error, traceback)

    def url(self, path: str = "/") -> str:
        """Make the URL of a path."""
        return self.server.url(path)

    def _answer(self, request: Received) -> bytes:
        field = request.value("Authorization")
        with self._lock:  # What it knows of a nonce is read and written in one step.
            stale = False
            if field is not None:
                given = _read(field)
                stale = not self._is_fresh(given)
                if not stale and given["response"] == self._expected(given, request):
                    return response(200, content=request.content)
            self.refusals += 1
            return response(401, ("WWW-Authenticate", self._challenge(stale=stale)), content=b"who")

    def _challenge(self, *, stale: bool) -> str:
        known = list(self._uses)
        if self._shares_nonces and known and not stale:
            nonce = known[-1]
        else:
            nonce = secrets.token_hex(8)
            self._uses[nonce] = 0
        qop = "" if self._qop is None else f', qop="{self._qop}"'
        said = f'realm="{REALM}", nonce="{nonce}", algorithm={self._algorithm}{qop}'
        return f'Digest {said}, opaque="o\\"p", stale={str(stale).lower()}'

    def _is_fresh(self, given: dict[str, str]) -> bool:
        nonce = given["nonce"]
        if nonce not in self._uses:
            return False
        if self._qop is not None:
            pair = (nonce, int(given["nc"], 16))
            assert len(given["nc"]) == 8
            assert pair not in self.pairs, f"{pair} was sent twice"
            self.pairs.append(pair)
        self._uses[nonce] += 1
        return self._nonces_last is None or self._uses[nonce] <= self._nonces_last

    def _expected(self, given: dict[str, str], request: Received) -> str:
        """The response that is right, whatever was given."""
        assert given["uri"] == request.target
        assert given["realm"] == REALM
        assert given["opaque"] == 'o"p'
        assert given["algorithm"] == self._algorithm
        assert given["username"] == USER
        name = HASHES[self._algorithm.removesuffix("-sess")]

        def hashed(*parts: bytes) -> bytes:
            return hashlib.new(name, b":".join(parts)).hexdigest().encode()

        nonce = given["nonce"].encode()
        key = hashed(USER.encode(), REALM.encode(), PASSWORD.encode())
        if self._algorithm.endswith("-sess"):  # Made once for a nonce, with the first cnonce.
            made = hashed(key, nonce, given["cnonce"].encode())
            key = self._session_keys.setdefault(given["nonce"], made)
        asked = [request.method.encode(), request.target.encode()]
        middle: list[bytes] = []
        if self._qop is not None:
            assert given["qop"] == self._qop
            middle = [given[each].encode() for each in ("nc", "cnonce", "qop")]
            if self._qop == "auth-int":
                asked.append(hashed(request.content))
        else:
            assert not {"qop", "nc", "cnonce"} & given.keys()
        return hashed(key, nonce, *middle, hashed(*asked)).decode()


def _read(field: str) -> dict[str, str]:
    """The parameters of a field, all of it; each name once."""
    scheme, _, rest = field.partition(" ")
    assert scheme == "Digest"
    found: dict[str, str] = {}
    position = 0
    while position < len(rest):
        match = PARAMETER.match(rest, position)
        assert match is not None, f"not a parameter: {rest[position:]!r}"
        name, quoted, token = match.groups()
        assert name not in found, f"{name} occurs twice"
        # RFC 7616 section 3.4: which values are quoted, and which must not be.
        assert (token is not None) is (name in {"algorithm", "qop", "nc", "stale", "userhash"}), (
            name
        )
        found[name] = re.sub(r"\\(.)", r"\1", quoted) if token is None else token
        position = match.end()
    return found
