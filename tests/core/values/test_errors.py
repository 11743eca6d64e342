from __future__ import annotations

import inspect
import json
import pickle
import re

import pytest

from sojourn_core import PreparedRequest, Response
from sojourn_core.values import errors
from sojourn_core.values.errors import JSONDecodeError, RequestException

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
        False,
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
