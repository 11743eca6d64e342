"""``http1/*``: what a server's octets come to."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.exchange.codec import CloseReason
from tests.core.codecs import CODECS, HOST, codec_with, head_for

from .runner import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sojourn_core import ResponseHead
    from sojourn_core.exchange.codec import Message

    from .runner import Case

PIECE_SIZE: Final = 4096
# Their values may be normalised, and equal lines joined.
NORMALISED: Final = {"content-length", "transfer-encoding"}


def octets_of(case: Case) -> bytes:
    """What the server sends."""
    if "stream_b64" in case:
        return base64.b64decode(case["stream_b64"])
    return b"".join(base64.b64decode(part["b64"]) * part["repeat"] for part in case["stream_parts"])


def message_for(case: Case, codec: str) -> Message:
    """A message whose request was sent to its end."""
    lines = [(name, value) for name, value in case.get("request_headers", [])]
    message = codec_with(codec).open(head_for(case["request_method"], "/", [HOST, *lines]))
    message.start()
    message.end()
    message.written()
    return message


def told(message: Message, case: Case, pieces: Iterable[bytes]) -> tuple[dict[str, Any], bytes]:
    """What the bytes come to, fed in these pieces.

    Returns:
        The answer in the words of the cases, and the bytes that were not fed.
    """
    rest = iter(pieces)
    content = b""
    while not message.ended and message.error is None and (piece := next(rest, None)):
        message.receive(piece)
        content += message.take()
    if case["eof"] and not message.ended and message.error is None:
        message.receive(b"")
        content += message.take()
    before = [{**response_of(head), "informational": True} for head in message.informational]
    if message.error is not None:
        return {"error": kind_of(message.error), "responses_before": before}, b""
    if message.head is not None:
        final = {**response_of(message.head), "body_b64": base64.b64encode(content).decode()}
        if message.trailers is not None:
            final["trailers"] = [[name.lower(), value] for name, value in message.trailers.lines]
        before.append(final)
    return {"responses": before, "end": end_of(message)}, b"".join(rest)


def cut_into(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes in pieces of this size."""
    return (data[at : at + size] for at in range(0, len(data), size))


def kind_of(error: Exception) -> str:
    said = str(error)
    if any(words in said for words in ("larger than", "more than", "more framing", "too many")):
        return "too_large"
    return "incomplete" if "ended" in said or "peer" in said else "protocol"


def end_of(message: Message) -> str:
    if message.switched:
        return "switched"
    assert message.ended
    kept = message.close_reason in (None, CloseReason.SURPLUS)
    return "keep-alive" if kept else "close"


def named(lines: Any) -> list[list[str]]:
    """Lines with names in lower case, without those that may be normalised."""
    return [[name.lower(), value] for name, value in lines if name.lower() not in NORMALISED]


def response_of(head: ResponseHead) -> dict[str, Any]:
    return {
        "status": head.status,
        "version": head.version,
        "headers": named(head.fields.lines),
        "reason": head.reason,
    }


def is_right(answer: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether an answer says what a right one says; that may leave things open."""
    if set(right) - {"leftover_b64", "responses_before"} != set(answer) - {"responses_before"}:
        return False
    ours = answer.get("responses", answer.get("responses_before", []))
    wanted = right.get("responses", right.get("responses_before"))
    if wanted is None:
        wanted = ours
    wanted = [{**response, "headers": named(response["headers"])} for response in wanted]
    if len(ours) != len(wanted):
        return False
    same = all(
        mine.get(key, "") == value
        for mine, response in zip(ours, wanted, strict=True)
        for key, value in response.items()
    )
    return same and all(answer[key] == right[key] for key in ("end", "error") if key in right)


@checks("http1/responses.json")
def check_responses(case: Case) -> None:
    for codec in CODECS:
        check_with(case, codec)


def check_with(case: Case, codec: str) -> None:
    """Hold one codec to a case, in large pieces and byte for byte."""
    rights = [case["expected"], *case.get("acceptable", [])]
    answers = []
    for size in (PIECE_SIZE, 1):
        message = message_for(case, codec)
        answer, rest = told(message, case, cut_into(octets_of(case), size))
        answers.append(answer)
        found = [right for right in rights if is_right(answer, right)]
        assert found, (answer, case.get("note") or case["source"])
        if "leftover_b64" in found[0]:
            leftover = base64.b64decode(found[0]["leftover_b64"])
            if message.switched:
                assert message.surplus + rest == leftover
            elif size == 1:  # Fed one by one, the message ends with its own last byte.
                assert rest == leftover
    assert answers[0] == answers[1], "it depends on how the bytes were cut"
