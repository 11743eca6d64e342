"""Params in each of their forms."""

from collections.abc import Iterator, Mapping

import sojourn

URL = "http://127.0.0.1:8000/"


def pairs() -> Iterator[tuple[str, int]]:
    yield "page", 1
    yield "page", 2


def search(words: list[str], page: int | None, filters: Mapping[str, str]) -> None:
    given: dict[str, str | int | list[str] | None] = {"q": words, "page": page}
    sojourn.get(URL, given)
    sojourn.get(URL, params=filters)
    sojourn.get(URL, params=pairs())
    sojourn.get(URL, params="a=1&b=2")
    sojourn.get(URL, params=b"a=1")
    sojourn.get(URL, params={"a": 1.5, "b": 2})
    sojourn.get(URL, params=[("a", (1, 2)), ("b", None)])
    sojourn.get(URL, params=None)
    with sojourn.Session() as session:
        session.params = {"key": "1"}
        session.params["lang"] = "en"
        session.params.update({"region": "eu"})
