"""A program that looks at a request before it is sent."""

from typing import assert_type

import sojourn
from sojourn_core import Explanation, RequestPart


def sources(session: sojourn.Session, url: str) -> dict[str, str]:
    told = session.explain("POST", url, json={"a": 1}, auth=("ada", "pw"), timeout=3)
    assert_type(told, Explanation)
    assert_type(told.of("cookie"), tuple[RequestPart, ...])
    assert_type(told.as_json(), str)
    return {part.name: part.source for part in told.parts}


def awaited(session: sojourn.AsyncSession, url: str) -> str:
    return str(session.explain("GET", url))
