"""References: RFC 3986 section 5, its examples, and what rfc3986 makes of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rfc3986 import normalizers

from sojourn_core.values.errors import InvalidURL
from sojourn_core.values.url.reference import (
    Parts,
    join_parts,
    remove_dot_segments,
    resolve_reference,
    rfc3986_reads,
    split_reference,
)

BASE = "http://a/b/c/d;p?q"
PIECES = st.sampled_from(["/", ".", "..", "//", "a", ":", "?", "#", "@", "b", "%2E"])


@pytest.mark.parametrize(
    ("reference", "expected"),
    [  # 5.4.1
        ("g:h", "g:h"),
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q#s"),
        ("g#s", "http://a/b/c/g#s"),
        ("g?y#s", "http://a/b/c/g?y#s"),
        (";x", "http://a/b/c/;x"),
        ("g;x", "http://a/b/c/g;x"),
        ("g;x?y#s", "http://a/b/c/g;x?y#s"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../", "http://a/"),
        ("../../g", "http://a/g"),
        # 5.4.2
        ("../../../g", "http://a/g"),
        ("../../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        (".g", "http://a/b/c/.g"),
        ("g..", "http://a/b/c/g.."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("g#s/./x", "http://a/b/c/g#s/./x"),
        ("g#s/../x", "http://a/b/c/g#s/../x"),
        ("http:g", "http:g"),  # Strict.
        # An empty component is not an absent one.
        ("?", "http://a/b/c/d;p?"),
        ("#", "http://a/b/c/d;p?q#"),
        ("///x", "http:///x"),
        # What may not stand there is encoded, what may stays.
        ("ž x%zz%7e", "http://a/b/c/%C5%BE%20x%25zz~"),
        ("/[a]\n", "http://a/[a]%0A"),
    ],
)
def test_the_examples_of_the_rfc(reference: str, expected: str) -> None:
    assert resolve_reference(BASE, reference) == expected


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("http://a", "g", "http://a/g"),
        ("http://a?q", "g", "http://a/g"),
        ("http://a", "?y", "http://a?y"),
        ("http://a/..//x/y", "g", "http://a//x/g"),
        ("http://a:00080/", "g", "http://a:00080/g"),
        ("http://b\\c/", "g", "http://b%5Cc/g"),
        ("file:///a/b", "c", "file:///a/c"),
        ("file:/a/b", "c", "file:/a/c"),
        ("urn:a", "b", "urn:b"),
        ("urn:a/b", "../c", "urn:/c"),  # 5.2.4 to the letter.
        ("urn:a", "./b", "urn:b"),
        ("urn:a", ".", "urn:"),
        ("urn:a", "?q#f", "urn:a?q#f"),
        ("urn:a", "/..//b", "urn:/.//b"),  # No authority may come out of a path.
        ("urn:a", "g:./h", "g:h"),
        ("urn:a", "//b/../c", "urn://b/c"),
    ],
)
def test_other_bases(base: str, reference: str, expected: str) -> None:
    assert resolve_reference(base, reference) == expected


@pytest.mark.parametrize(
    ("base", "reference", "message"),
    [
        ("//a/b", "c", "the base '//a/b' has no scheme"),
        ("", "c", "the base '' has no scheme"),
        ("http://a/\ud800", "c", "lone surrogate"),
        ("http://a/", "\udfff", "lone surrogate"),
    ],
)
def test_what_cannot_be_resolved(base: str, reference: str, message: str) -> None:
    with pytest.raises(InvalidURL, match=message):
        resolve_reference(base, reference)


def transcribed_remove_dot_segments(path: str) -> str:
    """Section 5.2.4 step by step."""
    output = ""
    while path:
        if path.startswith("../"):
            path = path[3:]
        elif path.startswith(("./", "/./")):
            path = path[2:]
        elif path == "/.":
            path = "/"
        elif path.startswith("/../") or path == "/..":
            path = "/" + path[4:]
            output = output[: max(output.rfind("/"), 0)]
        elif path in {".", ".."}:
            path = ""
        else:
            end = path.find("/", 1)
            end = len(path) if end < 0 else end
            output += path[:end]
            path = path[end:]
    return output


@given(st.text("/.a"))
@example("/..//a")
@example("/a/../..//b")
@example("..//a/./..")
def test_dot_segments_are_removed_as_the_rfc_says(path: str) -> None:
    assert remove_dot_segments(path) == transcribed_remove_dot_segments(path)


@given(st.text("/.a"))
def test_rfc3986_finds_nothing_to_remove_in_an_absolute_path(path: str) -> None:
    clean = remove_dot_segments("/" + path)
    assert normalizers.remove_dot_segments(clean) == clean


@given(st.lists(PIECES).map("".join))
def test_splitting_is_undone_by_joining(text: str) -> None:
    assert join_parts(split_reference(text)) == text


@given(st.lists(PIECES).map("".join))
def test_a_target_resolves_to_itself(reference: str) -> None:
    target = resolve_reference("x://h/p/q?r", reference)
    assert resolve_reference("y://i/", target) == target


def test_a_path_does_not_turn_into_an_authority() -> None:
    assert join_parts(Parts("g", None, "//b.test/x", None, None)) == "g:/.//b.test/x"
    assert join_parts(Parts(None, None, "//b.test/x", None, None)) == "/.//b.test/x"


@pytest.mark.parametrize("count", [1000, 2000])
def test_each_step_up_costs_one_step(count: int) -> None:
    assert resolve_reference(BASE, "../" * count + "g") == "http://a/g"
    assert remove_dot_segments("/a" * count + "/.." * count) == "/"


@pytest.mark.parametrize(
    ("text", "scheme", "prefix", "target", "expected"),
    [
        ("http://a.test/x?y#z", "http", "http://a.test", "/x?y", True),
        ("http://u:p@[::1]:80/", "http", "http://u:p@[::1]:80", "/", True),
        ("http://a.test/?", "http", "http://a.test", "/?", True),
        ("http://a.test\\@b.test/", "http", "http://a.test\\@b.test", "/", False),
        ("http://a.test%5C@b.test/", "http", "http://a.test", "/%5C@b.test/", False),
        ("http://a.test:080a/x", "http", "http://a.test:080a", "/x", False),
    ],
)
def test_a_second_reader_must_agree(
    text: str, scheme: str, prefix: str, target: str, *, expected: bool
) -> None:
    assert rfc3986_reads(text, scheme, prefix, target) is expected
