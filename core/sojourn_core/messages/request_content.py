"""The content of a prepared request, and the fields that frame it (RFC 9112 section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sojourn_core.values.content.content import Content, octets_at_hand, prepare_content
from sojourn_core.values.errors import InvalidContent, InvalidHeader, LocalProtocolError
from sojourn_core.values.fields import cut
from sojourn_core.values.hooks import HookRegistry
from sojourn_core.values.record import replace

from .preparation import DEFAULT_PREPARATION, Derived, Preparation

if TYPE_CHECKING:
    from sojourn_core.values.fields import Fields

    from .arguments import JSON, Data, Files


class RequestContent(HookRegistry):
    """The part of a prepared request that has the content.

    Attributes:
        body: None, bytes, or what is streamed: a file, an iterator, an asynchronous iterator.
        reads_files_at_once: The content of ``files=`` is read when it is prepared.
        methods_without_length: Methods whose requests say nothing of their content when they have
            none (RFC 9110 sections 8.6 and 9.3.6).
    """

    preparation: Preparation = DEFAULT_PREPARATION
    reads_files_at_once: ClassVar[bool] = False
    methods_without_length: ClassVar[frozenset[str]] = frozenset({"GET", "HEAD", "CONNECT"})
    method: str | None
    headers: Fields
    body: Any
    _body_position: Any
    _content: tuple[Any, Content] | None

    def derive(self, name: str, derived: Derived | None) -> None:
        """Record what a field was derived from; None that it is not there any more.

        Args:
            name: In lower case.
            derived: Its value and its source.
        """
        known = dict(self.preparation.derived)
        if derived is None:
            known.pop(name, None)
        else:
            known[name] = derived
        self.preparation = replace(self.preparation, derived=known)

    def prepare_body(self, data: Data, files: Files = None, json: JSON = None) -> None:
        """Set the content, its Content-Type and its framing.

        Raises:
            InvalidContent: If it cannot be sent, or contradicts the Content-Length given.
        """
        made: tuple[Any, str | None]
        made = self._multipart(data, files) if files else prepare_content(data, json)
        self.body, content_type = made
        self._body_position = None if isinstance(self.body, bytes) else _position_of(self.body)
        body = self.body
        self.prepare_content_length(body)
        if content_type is not None and "content-type" not in self.headers:
            self.headers["Content-Type"] = content_type

    def _multipart(self, data: Any, files: Any) -> tuple[Any, str]:
        from sojourn_core.values.content import multipart

        preparation = self.preparation
        heeds = preparation.policy.heeds_given_boundary
        given = self.headers.first("content-type") if heeds else None
        boundary = None if given is None else multipart.boundary_of(given)
        if boundary is None:
            entropy = preparation.entropy
            if entropy is None:
                raise LocalProtocolError("multipart takes entropy: see Session(entropy=...)")
            boundary = multipart.boundary_from(entropy(16))
            if given is not None:
                self.headers["Content-Type"] = multipart.with_boundary(given, boundary)
        return multipart.encode_multipart(data, files, boundary, at_once=self.reads_files_at_once)

    def prepare_content_length(self, body: Any) -> None:
        """Frame the content: Content-Length if its length is known, else chunked.

        A Content-Length that was given is believed for content whose length is not known, and
        counted when it is sent. Never both fields (RFC 9112 section 6.2).

        Raises:
            InvalidContent: If a Content-Length was given that the content does not have.
        """
        headers = self.headers
        if body is None:
            if self.method not in self.methods_without_length and not self._is_framed():
                headers["Content-Length"] = "0"
                self.derive("content-length", Derived("0", "framing"))
            return
        length = self._length_of(body)
        given = headers.first("content-length")
        if length is None or "trailer" in self.preparation.derived:
            self._announce(() if length is not None else self._stream(body).announced, given)
        if self._is_framed_here(given):
            self._frame(length)
            return
        if given is not None and "transfer-encoding" in headers:
            raise InvalidContent("Content-Length and Transfer-Encoding exclude each other")
        if length is None or given is None:
            if not self._is_framed():
                self._frame(length)
        elif given != str(length):
            if not self.preparation.policy.overwrites_content_length:
                raise InvalidContent(
                    f"Content-Length {cut(given)} was given, and the content has {length} bytes"
                )
            headers["Content-Length"] = str(length)

    def _announce(self, names: tuple[str, ...], length: str | None) -> None:
        """Announce trailer fields (RFC 9110 section 6.6.2), which take content in chunks.

        Raises:
            InvalidContent: A Content-Length was given.
            InvalidHeader: A Trailer field was given that has not all of them.
        """
        if self.preparation.of("trailer", self.headers.first("trailer")) is not None:
            self.headers.discard("trailer")  # It was that of other content.
        if not names:
            return
        if length is not None:
            raise InvalidContent("content with trailers goes in chunks, and has no Content-Length")
        given = self.headers.get("trailer")
        if given is None:
            value = self.headers["Trailer"] = ", ".join(names)
            self.derive("trailer", Derived(value, "framing"))
            return
        known = {each.strip(" \t").lower() for each in given.split(",")}
        for name in names:
            if name.lower() not in known:
                raise InvalidHeader(f"the Trailer field that was given does not name {name!r}")

    def _frame(self, length: int | None) -> None:
        """Set the field that frames content of this length, in place of one derived earlier."""
        name, other, value = "Content-Length", "transfer-encoding", str(length)
        if length is None:
            name, other, value = "Transfer-Encoding", "content-length", "chunked"
        self.headers.discard(other)
        self.headers[name] = value
        self.derive(name.lower(), Derived(value, "framing"))

    def _forget_framing(self) -> None:
        """Remove framing that was derived from earlier content, if there is any."""
        headers = self.headers
        if self._is_framed_here(headers.first("content-length")):
            headers.discard("content-length")
            headers.discard("transfer-encoding")

    def _length_of(self, body: Any) -> int | None:
        """Return the length of the content in bytes; None for content that goes in chunks."""
        if isinstance(body, bytes):
            return len(body)
        octets = octets_at_hand(body)
        if octets is not None:
            return len(octets)
        length = self._stream(body).length
        return None if length == 0 and self.preparation.policy.chunks_empty_files else length

    def _is_framed_here(self, length: str | None) -> bool:
        """Tell whether the framing that is there was derived from earlier content."""
        if not self.preparation.derived:
            return False
        coding = self.headers.first("transfer-encoding")
        of = self.preparation.of
        return (length is not None or coding is not None) and all(
            value is None or of(name, value) is not None
            for name, value in (("content-length", length), ("transfer-encoding", coding))
        )

    def _is_framed(self) -> bool:
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    def _stream(self, body: Any) -> Content:
        known = self._content
        if known is None or known[0] is not body:
            known = self._content = (body, Content(body))
        return known[1]

    @property
    def content(self) -> Content | bytes | None:
        """The content to send: none, bytes, or a stream."""
        body = self.body
        if body is None or isinstance(body, bytes):
            return body
        octets = octets_at_hand(body)
        return self._stream(body) if octets is None else octets


def _position_of(body: Any) -> Any:
    """Return the position of a file; None for anything else."""
    tell = getattr(body, "tell", None)
    if tell is None:
        return None
    try:
        return tell()
    except OSError:
        return None
