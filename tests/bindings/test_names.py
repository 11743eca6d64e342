"""The names of the package: the public ones, and no others."""

from __future__ import annotations

import inspect
import pydoc
import rlcompleter
import subprocess
import sys

import pytest

import sojourn
import sojourn_core


def test_a_listing_has_the_public_names_and_no_others() -> None:
    assert dir(sojourn) == sorted(sojourn.__all__)
    assert {"AsyncSession", "AsyncResponse", "AsyncHTTPAdapter", "Session", "get"} <= {
        *dir(sojourn)
    }
    assert not {"Any", "logging", "annotations", "TYPE_CHECKING", "api", "sync"} & {*dir(sojourn)}
    assert sorted({*sojourn_core.__all__, "commands", "cookies", "errors"}) == dir(sojourn_core)


def test_completion_offers_them() -> None:
    completer = rlcompleter.Completer({"sojourn": sojourn})
    found = {name.rstrip("()") for name in completer.attr_matches("sojourn.")}
    assert found == {f"sojourn.{name}" for name in sojourn.__all__ if not name.startswith("_")}


@pytest.mark.parametrize("name", sojourn.__all__)
def test_each_of_them_is_there_for_whoever_asks_first(name: str) -> None:
    sojourn.__dict__.pop(name, None)
    found = getattr(sojourn, name)
    assert found is getattr(sojourn, name)
    assert getattr(found, "__name__", name) in {name, "merge", f"sojourn.{name}"}


def test_a_name_that_is_none_of_them_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'sojourn' has no attribute 'gett'"):
        _ = sojourn.gett
    with pytest.raises(ImportError):
        from sojourn import logging  # noqa: F401 - that it raises is the test


def test_a_star_imports_them() -> None:
    program = "from sojourn import *; print(sorted(n for n in dir() if not n.startswith('__')))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == repr(sorted(n for n in sojourn.__all__ if n != "__version__"))


def test_blocking_programs_go_without_asyncio() -> None:
    program = "import sys, sojourn; sojourn.get, sojourn.Session; print('asyncio' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("session", [sojourn.Session, sojourn.AsyncSession])
@pytest.mark.parametrize(
    "verb", ["request", "get", "options", "head", "post", "put", "patch", "delete"]
)
def test_help_says_what_the_arguments_are(session: type, verb: str) -> None:
    said = pydoc.render_doc(getattr(session, verb), renderer=pydoc.plaintext)
    for name in inspect.signature(sojourn.Session.request).parameters:
        if name not in ("self", "method"):
            assert f"        {name}: " in said
