from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sojourn_core.values.links import parse_links
from tests.core.work import assert_linear

NEXT = {"url": "/2", "rel": "next"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("", {}, id="no value"),
        pytest.param('</2>; rel="next"', {"next": NEXT}, id="one link"),
        pytest.param("</2>;rel=next", {"next": NEXT}, id="rel as a token"),
        pytest.param("</2>; rel='next'", {"next": NEXT}, id="single quotes come off"),
        pytest.param("</2> ;\t rel = next ", {"next": NEXT}, id="blanks around everything"),
        pytest.param(", ,</2>;rel=next,,", {"next": NEXT}, id="empty elements"),
        pytest.param("< /2 >; rel=next", {"next": NEXT}, id="blanks within the brackets"),
        pytest.param("</a>", {"/a": {"url": "/a"}}, id="without rel the URL is the key"),
        pytest.param("</a>;", {"/a": {"url": "/a"}}, id="a semicolon and nothing behind it"),
        pytest.param('</a>; rel=""', {"/a": {"url": "/a", "rel": ""}}, id="an empty rel is none"),
        pytest.param("<>; rel=self", {"self": {"url": "", "rel": "self"}}, id="an empty URL"),
        pytest.param(
            '<https://a.test/?p=1,2;3&q=">; rel=next',
            {"next": {"url": 'https://a.test/?p=1,2;3&q="', "rel": "next"}},
            id="the URL stays as given",
        ),
        pytest.param(
            '</2>; rel=next; title="a, b; c=d <e>", </1>; rel=prev',
            {
                "next": {**NEXT, "title": "a, b; c=d <e>"},
                "prev": {"url": "/1", "rel": "prev"},
            },
            id="separators in a quoted string",
        ),
        pytest.param(
            r'</2>; rel=next; title="say \"hi\" \\ o\k"',
            {"next": {**NEXT, "title": r'say "hi" \ ok'}},
            id="quoted pairs",
        ),
        pytest.param(
            '</2>; rel=next; title="no end, </3>; rel=prev',
            {"next": {**NEXT, "title": "no end, </3>; rel=prev"}},
            id="a quoted string without its end takes the rest",
        ),
        pytest.param(
            '</2>; rel=next; title="a"junk; hreflang=de',
            {"next": {**NEXT, "title": "a", "hreflang": "de"}},
            id="junk behind a quoted string",
        ),
        pytest.param(
            '</2>; REL="Next"', {"next": {"url": "/2", "rel": "Next"}}, id="names have no case"
        ),
        pytest.param(
            "</2>; rel=next; rel=prev; title=a; title=b",
            {"next": {**NEXT, "title": "a"}},
            id="the first of two parameters counts",
        ),
        pytest.param(
            '</2>; rel=next; url="https://evil.test/"',
            {"next": NEXT},
            id="a parameter does not replace the target",
        ),
        pytest.param(
            "</2>; crossorigin; rel=next; =x;;",
            {"next": {**NEXT, "crossorigin": ""}},
            id="a parameter without a value, a value without a name",
        ),
        pytest.param(
            "</a>; rel=alternate, </b>; rel=alternate",
            {"alternate": {"url": "/b", "rel": "alternate"}},
            id="the last link of a relation counts",
        ),
        pytest.param("http://a.test/; rel=x, </2>; rel=next", {"next": NEXT}, id="no brackets"),
        pytest.param("</2>; rel=next, junk", {"next": NEXT}, id="junk at the end"),
        pytest.param("</2>; rel=next, </3", {"next": NEXT}, id="an open bracket"),
        pytest.param('</2> junk; rel=prev, </2>; rel="next"', {"/2": {"url": "/2"}, "next": NEXT}),
    ],
)
def test_links_of_a_value(value: str, expected: dict[str, dict[str, str]]) -> None:
    assert parse_links(value) == expected


def test_a_link_with_several_relations_is_found_under_each() -> None:
    links = parse_links('</2>; rel="next  last"')
    assert list(links) == ["next", "last"]
    assert links["next"] == links["last"] == {"url": "/2", "rel": "next  last"}


@given(st.text(alphabet='<>;,="\\ \tab\n'))
def test_no_value_makes_it_raise(value: str) -> None:
    for link in parse_links(value).values():
        assert link["url"] in value


@pytest.mark.parametrize(
    "unit",
    [",", ", ", "<", "<>", "<>;", "<>,", ";", '"', "<>;a=", '<>;a="', '\\"', '<>;"', "<>;a ", "x"],
)
@pytest.mark.parametrize("start", ["<a>;t=", ""])
def test_work_is_linear(unit: str, start: str) -> None:
    assert_linear(lambda times: parse_links(start + unit * times))
    # No count shows what a regular expression does: here its square would take minutes.
    many, few = (parse_links(start + unit * times) for times in (300_000, 3))
    assert [(key, list(link)) for key, link in many.items()] == [
        (key, list(link)) for key, link in few.items()
    ]
