"""Cases of what fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn.testing.conformance.messages.case import OK, SHORT, Asked, case, to
from sojourn.testing.conformance.messages.web import Reply
from sojourn_core.values import errors as e
from sojourn_core.values.timeouts import Timeouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sojourn.testing.conformance.messages.case import MessageCase


def cases() -> Iterator[MessageCase]:
    """Yield the cases."""
    yield case(
        "nobody listens",
        Asked(url="{nobody}/", error=e.ConnectionError, unsent=True),
        needs="refusals",
    )
    yield case(
        "a connection that is reset before the head",
        Asked(method="POST", error=e.ConnectionError, content=None),
        needs="faults",
        pages={"/": Reply(fault="reset")},
    )
    yield case(
        "content that is cut",
        Asked(error=e.ChunkedEncodingError, content=b"some"),
        needs="faults streams",
        pages={"/": Reply(pieces=(b"some",), fault="cut")},
    )
    yield case(
        "silence before the head",
        Asked(arguments={"timeout": Timeouts(read=SHORT)}, error=e.Timeout),
        needs="faults deadlines",
        pages={"/": Reply(fault="silence")},
    )
    yield case(
        "silence within the content",
        Asked(arguments={"timeout": Timeouts(read=SHORT)}, error=e.Timeout, content=b"some"),
        needs="faults deadlines streams",
        pages={"/": Reply(pieces=(b"some",), fault="silence")},
    )
    yield case(
        "the time of the whole call is over",
        Asked(arguments={"timeout": Timeouts(total=SHORT)}, error=e.DeadlineExceeded),
        needs="faults deadlines",
        pages={"/": Reply(fault="silence")},
    )
    yield case(
        "an error on the way has the way",
        Asked(error=e.ConnectionError, history=(302,)),
        needs="faults redirects",
        pages={"/": to(302, "/to"), "/to": Reply(fault="reset")},
    )
    yield case(
        "an error is not the end of the session",
        Asked(error=e.ConnectionError, method="POST"),
        Asked(url="{a}/next"),
        needs="faults",
        pages={"/": Reply(fault="reset"), "/next": OK},
    )
