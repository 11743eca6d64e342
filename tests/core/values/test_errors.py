from __future__ import annotations

import copy
import inspect
import json
import pickle
import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import sojourn
import sojourn_core
from sojourn_core import Fields, PreparedRequest, Request, Response, ResponseHead, Session
from sojourn_core.values import errors
from sojourn_core.values.errors import JSONDecodeError, Progress, RequestException

if TYPE_CHECKING:
    from collections.abc import Callable

TREE = {
    name: cls
    for name, cls in vars(errors).items()
    if inspect.isclass(cls) and issubclass(cls, RequestException)
}

# The names that users of Requests catch, with every base that they may catch instead.
KNOWN = {
    "RequestException": {OSError},
    "InvalidJSONError": {"RequestException"},
    "JSONDecodeError": {"InvalidJSONError", json.JSONDecodeError, ValueError},
    "HTTPError": {"RequestException"},
    "ConnectionError": {"RequestException"},
    "ProxyError": {"ConnectionError"},
    "SSLError": {"ConnectionError"},
    "Timeout": {"RequestException"},
    "ConnectTimeout": {"ConnectionError", "Timeout"},
    "ReadTimeout": {"Timeout"},
    "URLRequired": {"RequestException"},
    "TooManyRedirects": {"RequestException"},
    "MissingSchema": {"RequestException", ValueError},
    "InvalidSchema": {"RequestException", ValueError},
    "InvalidURL": {"RequestException", ValueError},
    "InvalidHeader": {"RequestException", ValueError},
    "InvalidProxyURL": {"InvalidURL"},
    "ChunkedEncodingError": {"RequestException"},
    "ContentDecodingError": {"RequestException"},
    "StreamConsumedError": {"RequestException", TypeError},
    "RetryError": {"RequestException"},
    "UnrewindableBodyError": {"RequestException"},
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_names_and_bases_of_requests(name: str) -> None:
    for base in KNOWN[name]:
        assert issubclass(TREE[name], TREE[base] if isinstance(base, str) else base)


@pytest.mark.parametrize("name", TREE)
def test_each_error_is_a_request_exception_and_is_in_the_drawing(name: str) -> None:
    assert issubclass(TREE[name], RequestException)
    assert re.search(rf"\b{name}\b", errors.__doc__ or "")
    assert TREE[name].__doc__


@pytest.mark.parametrize("name", sorted(TREE.keys() - {"JSONDecodeError"}))
def test_each_error_carries_what_it_is_about(name: str) -> None:
    request, response = PreparedRequest(), Response()
    error = TREE[name]("what", request=request, response=response, maybe_sent=True)
    assert (error.request, error.response, error.maybe_sent) == (request, response, True)
    assert str(error) == "what"
    bare = TREE[name]("what")
    assert (bare.request, bare.response, bare.maybe_sent, bare.progress) == (
        None,
        None,
        True,
        None,
    )


def test_the_request_of_a_response_is_that_of_the_error() -> None:
    response = Response()
    response.request = PreparedRequest()
    assert RequestException(response=response).request is response.request
    assert RequestException(response=Response()).request is None


def test_text_that_is_not_json() -> None:
    response = Response()
    error = JSONDecodeError("Expecting value", "{secret", 1, response=response)
    assert (error.msg, error.doc, error.pos, error.response) == (
        "Expecting value",
        "{secret",
        1,
        response,
    )
    assert str(error) == "Expecting value: line 1 column 2 (char 1)"
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is JSONDecodeError
    assert (str(copied), copied.doc, copied.pos) == (str(error), error.doc, error.pos)


# --- errors that travel -----------------------------------------------------------------------


def every_class() -> list[type[RequestException]]:
    """The whole tree, whichever module an error is defined in."""
    for package in (sojourn_core, sojourn):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                try:
                    import_module(module.name)
                except ModuleNotFoundError as missing:  # An extra, which no error comes from.
                    if str(missing.name).startswith("sojourn"):
                        raise
    found, left = [], [RequestException]
    while left:
        kind = left.pop()
        found.append(kind)
        left += [each for each in kind.__subclasses__() if each.__module__.startswith("sojourn")]
    return sorted({*found}, key=lambda kind: kind.__qualname__)


def made(kind: type[RequestException], *, maybe_sent: bool) -> RequestException:
    """An error with all that an error may know."""
    prepared = Request("POST", "http://a.test/x", data=b"content").prepare()
    answer = Response(ResponseHead(503, Fields([("A", "b")])), prepared)
    text = ("what", "{doc", 1) if issubclass(kind, JSONDecodeError) else ("what",)
    error = kind(*text, response=answer, maybe_sent=maybe_sent)
    error.progress = Progress(reused=True, octets_written=7)
    error.add_note("noted")
    error.of_its_own = "fact"  # type: ignore[attr-defined]  # as a later version may have it
    return error


WAYS = [
    lambda error: pickle.loads(pickle.dumps(error)),
    lambda error: pickle.loads(pickle.dumps(error, 2)),
    copy.copy,
    copy.deepcopy,
]


@pytest.mark.parametrize("travel", WAYS, ids=["pickle", "pickle 2", "copy", "deepcopy"])
@pytest.mark.parametrize("kind", every_class(), ids=lambda kind: kind.__name__)
def test_an_error_travels_with_all_that_it_knows(
    kind: type[RequestException], travel: Callable[[RequestException], RequestException]
) -> None:
    for maybe_sent in (True, False):
        error = made(kind, maybe_sent=maybe_sent)
        arrived = travel(error)
        assert type(arrived) is kind
        assert (str(arrived), arrived.args) == (str(error), error.args)
        assert arrived.maybe_sent is error.maybe_sent
        assert arrived.progress == error.progress
        assert arrived.request is not None
        assert (arrived.request.method, arrived.request.url) == ("POST", "http://a.test/x")
        assert arrived.response is not None
        assert (arrived.response.status_code, arrived.response.headers["A"]) == (503, "b")
        assert arrived.__notes__ == ["noted"]
        assert {*vars(arrived)} == {*vars(error)}
        arrived.response = None
        assert arrived.maybe_sent is maybe_sent


@pytest.mark.parametrize("kind", every_class(), ids=lambda kind: kind.__name__)
def test_an_error_made_anew_of_its_arguments_is_cautious(kind: type[RequestException]) -> None:
    error = made(kind, maybe_sent=False)
    anew = kind(*json.loads(json.dumps(error.args)))
    assert str(anew) == str(error)
    assert (anew.request, anew.response, anew.maybe_sent) == (None, None, True)


@pytest.mark.parametrize(
    "prepare",
    [
        lambda: Session().call(Request("GET", "a.test")),
        lambda: Session().call(Request("GET", "http://")),
        lambda: Session().prepare_request(Request("A B", "http://a.test/")),
        lambda: Session().get_adapter("ftp://a.test/x"),
        lambda: Request("A B", "http://a.test/").prepare(),
    ],
)
def test_what_was_never_sent_says_so(prepare: Callable[[], object]) -> None:
    with pytest.raises(RequestException) as caught:
        prepare()
    assert caught.value.maybe_sent is False
