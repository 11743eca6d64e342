"""Digest as an authentication: when to answer, what to remember, how to count (RFC 7616).

One object is shared by threads and tasks, and there are no locks in the core. So what is remembered
is replaced whole, and the three steps that must not be torn apart are single operations of the
interpreter: ``dict.setdefault`` gives all who meet a nonce at once the same counter, ``next`` on
that counter gives each of them another count, and an attribute is set to a value made before.
A server may refuse a nonce and count that it has seen already; it never sees them twice.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sojourn_core.values.errors import LocalProtocolError
from sojourn_core.values.record import record, replace
from sojourn_core.values.value import Value

from .challenge import parse_challenges, parse_parameters
from .credentials import AuthFlow
from .digest import (
    NONCE_COUNT_MAX,
    Asked,
    DigestChallenge,
    DigestCredentials,
    answer,
    choose_challenge,
    octets_of,
    write_credentials,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn_core.values.content.content import Content
    from sojourn_core.values.views import ResponseView

    from .digest_request import DigestRequest

    R = TypeVar("R", bound=DigestRequest)

SPACES_MAX: Final = 256  # Origins, or proxies, of which something is remembered.
NONCES_MAX: Final = 64  # Nonces of one of them that are counted: more than are in use at once.
ANSWERS_MAX: Final = 2  # To one hop: one to a challenge, and one more if its nonce had gone stale.
_CNONCE_SIZE: Final = 16  # Bytes of entropy; 128 bits, as a UUID has.


@record(frozen=True, kw_only=True)
class _Standing(Value):
    """The challenge and count that the next request can be sent with.

    Attributes:
        challenge: The challenge that is answered.
        counts: How often its nonce was used, next time included; shared by all who use it.
        session_nonces: For ``-sess``, what the key was made with.
    """

    challenge: DigestChallenge
    counts: Iterator[int]
    session_nonces: tuple[str, str] | None


class _Space:
    """The memory of one origin or proxy."""

    __slots__ = ("_nonces", "current")

    def __init__(self) -> None:
        self.current: _Standing | None = None
        self._nonces: dict[str, tuple[Iterator[int], str]] = {}

    def stand(
        self,
        challenge: DigestChallenge,
        cnonce: str,
        session_nonces: tuple[str, str] | None = None,
    ) -> _Standing:
        """Remember a challenge, and count its nonce on if it is known."""
        nonce = challenge.nonce
        counts, own = self._nonces.setdefault(nonce, (count(1), cnonce))
        if len(self._nonces) > NONCES_MAX:
            _drop_oldest(self._nonces, NONCES_MAX)
        if not challenge.session:
            session_nonces = None
        elif session_nonces is None:
            session_nonces = (nonce, own or cnonce)
        standing = _Standing(
            challenge=replace(challenge, stale=False),
            counts=counts,
            session_nonces=session_nonces,
        )
        self.current = standing
        return standing


def _drop_oldest(table: dict[str, Any], most: int) -> None:
    """Cut a table to its ``most`` youngest members, while others may do the same."""
    for name in list(table)[: len(table) - most]:
        table.pop(name, None)


class HTTPDigestAuth(AuthFlow):
    """Digest credentials (RFC 7616).

    The first request to an origin goes without them and is answered by a challenge; later ones
    carry them at once, and count the nonce on. A nonce gone stale costs one more request, wrong
    credentials end with the response that says so. Content that is streamed is sent again, so it
    has to be rewindable; for ``auth-int`` it is read once before it is sent, to be hashed, which
    an asynchronous iterator cannot be.

    The same object serves threads and tasks. It is equal to another by user name, password and
    class of peer; pickled, it forgets all challenges.

    Args:
        username: Text, or bytes that are taken as they are.
        password: The same.

    Attributes:
        quotes_all: Write the field and hash as Requests does, see ``write_credentials`` and
            ``DigestCredentials.as_requests``.
    """

    quotes_all: bool = False

    def __init__(self, username: str | bytes, password: str | bytes) -> None:
        self.username = username
        self.password = password
        self._spaces: dict[str, _Space] = {}

    def begin(self) -> AuthFlow:
        """Return a machine for one call, which counts its answers."""
        return _DigestCall(self)

    def __call__(self, request: Any) -> Any:
        """Set the credentials, if the last challenge of this origin or proxy is known.

        Raises:
            InvalidHeader: If the user name holds a control character or they cannot be encoded.
        """
        octets_of(self._credentials(), utf8=True)
        field = self._field_known(request)
        name = self._field_name()
        if field is not None:
            request.headers[name] = field
        elif _nonce_and_realm(request.headers.first(name)) is not None:
            request.headers.discard(name)  # It was made for an earlier hop, and names its target.
        return request

    def respond(self, request: Any, response: Any) -> Any:
        """Return the next request, or None, as for the first answer of a call."""
        return self.begin().respond(request, response)

    def answer_to(self, request: R, response: ResponseView, *, answers: int) -> R | None:
        """Return the request with an answer to the challenge of the response.

        Args:
            request: A copy of the request that was answered.
            response: The response to it.
            answers: How many answers there were to this hop before.

        Returns:
            None if there is no challenge that can be answered, or the credentials are wrong.

        Raises:
            LocalProtocolError: If it takes entropy and the request has no source of it.
        """
        used = _nonce_and_realm(request.headers.first(self._field_name()))
        if response.status_code != (407 if self.proxy else 401):
            if used is not None:
                self._take_next_nonce(request, response, used)
            return None
        lines = response.headers.get_all("proxy-authenticate" if self.proxy else "www-authenticate")
        known = not _is_unknown(request.content)
        challenge = choose_challenge(parse_challenges(lines), content_known=known)
        if challenge is None:
            return None
        space = self._space_for(request)
        if not _may_answer(challenge, used, answers):
            if used is not None and _uses(space.current, used):
                space.current = None  # Known to be wrong: not to be sent again unasked.
            return None
        cnonce = ""
        if challenge.qop is not None:
            entropy = request.preparation.entropy
            if entropy is None:
                raise LocalProtocolError("Digest takes entropy: see Session(entropy=...)")
            cnonce = entropy(_CNONCE_SIZE).hex()
        field = self._field(request, space.stand(challenge, cnonce), cnonce)
        if field is None:
            return None
        request.headers[self._field_name()] = field
        return request

    def _field_known(self, request: DigestRequest) -> str | None:
        """Return the field that can be set before any challenge, if there is one."""
        name = self._space_name(request)
        space = self._spaces.get(name)
        standing = None if space is None else space.current
        if not name or standing is None:
            return None
        if standing.challenge.qop is None:
            return self._field(request, standing, "")
        if standing.challenge.qop == "auth-int" and _is_unknown(request.content):
            return None
        entropy = request.preparation.entropy
        if entropy is None:  # Prepared by itself; the session that sends it has some.
            return None
        return self._field(request, standing, entropy(_CNONCE_SIZE).hex())

    def _field(self, request: DigestRequest, standing: _Standing, cnonce: str) -> str | None:
        """Return the value of the field; None if the nonce is used up."""
        nonce_count = next(standing.counts)
        if nonce_count > NONCE_COUNT_MAX:
            return None
        if standing.session_nonces is not None:
            # One cnonce for all requests with the key: then those who make the key once and those
            # who make it for each request, as many do, have the same.
            cnonce = standing.session_nonces[1]
        content = request.content
        uri = request.preparation.target
        asked = Asked(
            request.method or "",
            request.parsed_url.target if uri is None else uri,
            _pieces(content) if standing.challenge.qop == "auth-int" else None,
        )
        params = answer(
            standing.challenge,
            self._credentials(),
            asked,
            cnonce=cnonce,
            nonce_count=nonce_count,
            session_nonces=standing.session_nonces,
        )
        return write_credentials(params, quotes_all=self.quotes_all)

    def _take_next_nonce(
        self, request: DigestRequest, response: ResponseView, used: tuple[str, str]
    ) -> None:
        """Remember the nonce that the server wants next (RFC 7616 section 3.5)."""
        lines = response.headers.get_all(
            "proxy-authentication-info" if self.proxy else "authentication-info"
        )
        space = self._spaces.get(self._space_name(request))
        standing = None if space is None else space.current
        if not lines or space is None or standing is None or standing.challenge.realm != used[1]:
            return
        nonce = parse_parameters(lines).get("nextnonce")
        if nonce:
            # The key of "-sess" stays the one of the first nonce (section 3.4.2).
            nonces = standing.session_nonces
            challenge = replace(standing.challenge, nonce=nonce)
            space.stand(challenge, "" if nonces is None else nonces[1], nonces)

    def _space_for(self, request: DigestRequest) -> _Space:
        name = self._space_name(request)
        space = self._spaces.setdefault(name, _Space())
        if len(self._spaces) > SPACES_MAX:
            _drop_oldest(self._spaces, SPACES_MAX)
        return space

    def _space_name(self, request: DigestRequest) -> str:
        """Name the proxy or origin that the credentials are for; empty if a request names no proxy.

        What a proxy said is never sent to another one, or unasked to one that is not known.
        """
        if self.proxy:
            place = request.preparation.proxy
            return "" if place is None else str(place)
        return str(request.parsed_url.origin)

    def _field_name(self) -> str:
        return "Proxy-Authorization" if self.proxy else "Authorization"

    def _credentials(self) -> DigestCredentials:
        return DigestCredentials(
            username=self.username, password=self.password, as_requests=self.quotes_all
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, HTTPDigestAuth)
            and self.username == other.username
            and self.password == other.password
            and self.proxy == other.proxy
        )

    def __hash__(self) -> int:
        return hash((self.username, self.password, self.proxy))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.username!r}, '***')"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_spaces"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._spaces = {}


class HTTPProxyDigestAuth(HTTPDigestAuth):
    """Digest credentials for a proxy."""

    proxy = True


class _DigestCall(AuthFlow):
    """The answers of one call."""

    def __init__(self, owner: HTTPDigestAuth) -> None:
        self._owner = owner
        self._answers = 0
        self.proxy = owner.proxy

    def __call__(self, request: Any) -> Any:
        self._answers = 0
        return self._owner(request)

    def respond(self, request: Any, response: Any) -> Any:
        found = self._owner.answer_to(request, response, answers=self._answers)
        if found is not None:
            self._answers += 1
        return found


def _may_answer(challenge: DigestChallenge, used: tuple[str, str] | None, answers: int) -> bool:
    """Return whether another answer may be right where the last one was not.

    Args:
        challenge: The challenge.
        used: Nonce and realm of the credentials that the request had, if it had any.
        answers: How many answers there were to this hop before.
    """
    if used is None:
        return answers == 0
    if answers == 0:  # Credentials sent unasked may be stale, even if unsaid.
        return (challenge.nonce, challenge.realm) != used
    return answers < ANSWERS_MAX and challenge.stale and challenge.nonce != used[0]


def _nonce_and_realm(field: str | None) -> tuple[str, str] | None:
    """Return nonce and realm of Digest credentials, if a field holds such."""
    if field is None:
        return None
    for credentials in parse_challenges([field]):
        if credentials.scheme == "digest":
            return credentials.params.get("nonce", ""), credentials.params.get("realm", "")
    return None


def _uses(standing: _Standing | None, used: tuple[str, str]) -> bool:
    return standing is not None and (standing.challenge.nonce, standing.challenge.realm) == used


def _is_unknown(content: Content | bytes | None) -> bool:
    """Return whether content is a stream that can be read only once, and so cannot be hashed."""
    if content is None or isinstance(content, bytes):
        return False
    return content.is_async or not content.rewindable


def _pieces(content: Content | bytes | None) -> bytes | Iterator[bytes] | None:
    """Iterate over the content from its start. Whoever sends it next puts a stream back there."""
    if content is None or isinstance(content, bytes):
        return content
    content.rewind()
    return content.chunks()
