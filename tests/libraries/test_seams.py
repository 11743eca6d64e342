"""What libraries lean on in the modules of ``sojourn.compat``, beyond the interface itself."""

from __future__ import annotations

import importlib
import typing

import pytest

import sojourn.compat
from sojourn.compat.borrowed import NAMES

LISTED = [
    (module, each.partition("=")[0])
    for module, places in NAMES.items()
    for names in places.values()
    for each in names.split()
]


@pytest.mark.parametrize(("module", "name"), LISTED)
def test_a_borrowed_name_is_what_it_is_in_requests(module: str, name: str) -> None:
    ours = getattr(importlib.import_module(f"sojourn.compat.{module}"), name)
    theirs = getattr(importlib.import_module(f"requests.{module}"), name)
    if (getattr(theirs, "__module__", None) or "").startswith("urllib3"):
        assert ours is theirs
    else:
        assert type(ours).__name__ == type(theirs).__name__


def test_a_name_that_is_nowhere() -> None:
    with pytest.raises(AttributeError, match=r"'sojourn\.compat\.models' has no attribute 'none'"):
        _ = sojourn.compat.models.none
    with pytest.raises(ImportError):
        exec("from sojourn.compat.adapters import none")


@pytest.mark.parametrize("kind", [sojourn.compat.Response, sojourn.compat.Request])
def test_the_types_of_a_class_that_is_derived_from_can_be_resolved(kind: type) -> None:
    assert "__doc__" not in typing.get_type_hints(kind)


def test_a_base_adapter_lets_its_siblings_be_set_up() -> None:
    class Beside:
        def __init__(self) -> None:
            self.is_set_up = True

    class Adapter(sojourn.compat.adapters.BaseAdapter, Beside):
        pass

    assert Adapter().is_set_up


def test_a_response_that_was_never_set_up() -> None:
    class Made(sojourn.compat.Response):
        def __init__(self) -> None:
            self.headers = {"A": "b"}
            self.status_code = 200
            self.url = "http://a.test/"
            self.history = []
            self.request = None
            self.reason = "OK"
            self._content = b"text"

    made = Made()
    assert (made.text, made.headers["a"], made.ok, made.raw) == ("text", "b", True, None)
    assert list(made.iter_content(2)) == [b"te", b"xt"]
    assert dict(made.cookies) == {}
    assert made.elapsed.total_seconds() == 0.0
    made.close()


def test_a_prepared_request_of_a_session_has_a_jar() -> None:
    with sojourn.compat.Session() as session:
        prepared = session.prepare_request(sojourn.compat.Request("GET", "http://a.test/"))
    assert isinstance(prepared._cookies, sojourn.compat.cookies.RequestsCookieJar)
