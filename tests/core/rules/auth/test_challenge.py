from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sojourn_core.rules.auth.challenge import (
    CHALLENGES_MAX,
    PARAMETERS_MAX,
    Challenge,
    parse_challenges,
    parse_parameters,
)
from tests.core.work import assert_linear

BASIC = Challenge(scheme="basic", params={"realm": "x"})
NEW = Challenge(scheme="new", params={})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([], [], id="no lines"),
        pytest.param([""], [], id="an empty line"),
        pytest.param([" \t,,"], [], id="empty elements"),
        pytest.param(['Basic realm="x"'], [BASIC], id="one challenge"),
        pytest.param(["BASIC REALM=x"], [BASIC], id="names have no case, a token needs no quotes"),
        pytest.param(['Basic\trealm\t=\t"x"\t,'], [BASIC], id="tabs are blanks"),
        pytest.param(['Basic realm="x", New'], [BASIC, NEW], id="a bare scheme is the last"),
        pytest.param(['New,Basic realm="x"'], [NEW, BASIC], id="a bare scheme is the first"),
        pytest.param(["New , "], [NEW], id="a bare scheme with a blank behind it"),
        pytest.param(['Basic , realm="x"'], [BASIC], id="an empty element before the parameters"),
        pytest.param(['Basic realm="x"', "New"], [BASIC, NEW], id="two lines"),
        pytest.param(["Basic", 'realm="x"', "New"], [BASIC, NEW], id="lines are one list"),
        pytest.param(
            [r'New a="\"b\\", c="d, Basic realm=e"'],
            [Challenge(scheme="new", params={"a": '"b\\', "c": "d, Basic realm=e"})],
            id="quoted pairs, and commas within quotes",
        ),
        pytest.param(
            ["New basic=foo, Basic realm=x"],
            [Challenge(scheme="new", params={"basic": "foo"}), BASIC],
            id="a parameter with the name of a scheme",
        ),
        pytest.param(
            ["New a=, Basic realm=x"],
            [Challenge(scheme="new", params={}, token68="a="), BASIC],
            id="what looks like a parameter without value is token68",
        ),
        pytest.param(
            ["New abc"],
            [Challenge(scheme="new", params={}, token68="abc")],
            id="token68 in letters",
        ),
        pytest.param(
            ['Basic realm="\xe4"'],
            [Challenge(scheme="basic", params={"realm": "\xe4"})],
            id="obs-text in quotes",
        ),
    ],
)
def test_challenges(lines: list[str], expected: list[Challenge]) -> None:
    assert parse_challenges(lines) == expected


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("Bad =foo", id="no challenge for the parameter"),
        pytest.param('Bad a="b" c="d"', id="no comma between parameters"),
        pytest.param('Bad a="b"c', id="junk behind a quoted string"),
        pytest.param("Bad a=b c", id="two words for a value"),
        pytest.param("Bad a=b/c", id="a value that needs quotes and has none"),
        pytest.param("Bad a=b, c=", id="no value"),
        pytest.param("Bad a=1, A=2", id="a parameter twice"),
        pytest.param("Bad a==, b=c", id="parameters beside token68"),
        pytest.param("Bad@", id="no token"),
        pytest.param('Bad"a, New"', id="a quoted string at the scheme"),
        pytest.param("Bad a=b, @, c=d", id="an element that is nothing"),
        pytest.param('Bad a="\x00"', id="a control character in quotes"),
        pytest.param('Bad a="\\\x7f"', id="a control character escaped"),
        pytest.param('Bad a="\u0100"', id="no octet"),
        pytest.param('Bad "a, New realm=x"', id="a quoted string for a parameter"),
        pytest.param("Bad " + ",".join(f"p{n}=" + "v" for n in range(PARAMETERS_MAX + 1))),
    ],
)
def test_a_challenge_that_does_not_fit_is_left_out_alone(bad: str) -> None:
    assert parse_challenges([bad]) == []
    assert parse_challenges([f"{bad}, Basic realm=x"]) == [BASIC]
    assert parse_challenges(["Basic realm=x", bad, "New"])[-1] == NEW


@pytest.mark.parametrize("end", ['"', '"abc', '"abc\\', '"abc, Basic realm=x', '"a\\"'])
def test_a_quoted_string_without_end_takes_the_line_and_no_more(end: str) -> None:
    assert parse_challenges([f"New, Bad a={end}"]) == [NEW]
    assert parse_challenges([f"New, Bad a={end}", "Basic realm=x"]) == [NEW, BASIC]
    assert parse_challenges([f"{end}"]) == []


def test_there_is_a_limit_on_both_counts() -> None:
    most = ",".join(f"p{n}=v" for n in range(PARAMETERS_MAX))
    (challenge,) = parse_challenges([f"New {most}"])
    assert len(challenge.params) == PARAMETERS_MAX
    assert len(parse_challenges(["New," * (CHALLENGES_MAX + 1)])) == CHALLENGES_MAX
    assert len(parse_challenges(["New"] * (CHALLENGES_MAX + 1))) == CHALLENGES_MAX


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], {}),
        (['nextnonce="n, 9", qop=auth'], {"nextnonce": "n, 9", "qop": "auth"}),
        (['NextNonce="a"', "nc=00000001"], {"nextnonce": "a", "nc": "00000001"}),
        (["nextnonce=a, nextnonce=b"], {}),
        (['nextnonce=a, "'], {}),
        (["nextnonce=a, Digest nextnonce=b"], {"nextnonce": "a"}),
    ],
)
def test_parameters_without_a_scheme(lines: list[str], expected: dict[str, str]) -> None:
    assert parse_parameters(lines) == expected


PIECES = st.sampled_from(
    ["Basic", " ", "\t", ",", "=", '"', "\\", "a", "realm=x", 'q="r"', "==", "@", "\x00", "\u20ac"]
)


@given(st.lists(st.lists(PIECES).map("".join) | st.text(), max_size=4))
@example(['Bad a="\\'])
@example(['"\\'])
def test_nothing_raises_and_everything_found_can_stand_in_a_field(lines: list[str]) -> None:
    for challenge in parse_challenges(lines):
        assert challenge.scheme == challenge.scheme.lower()
        assert challenge.token68 is None or not challenge.params
        for name, value in challenge.params.items():
            assert name == name.lower()
            assert value.encode("latin-1").decode("latin-1") == value
            assert all(each == "\t" or each >= " " for each in value)


TOKENS = st.text("abcXYZ019-._~", min_size=1)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))
CHALLENGES = st.builds(
    Challenge,
    scheme=TOKENS.map(str.lower),
    params=st.dictionaries(TOKENS.map(str.lower), VALUES, max_size=4),
)


def written(challenge: Challenge) -> str:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    params = ", ".join(f"{name}={quoted(value)}" for name, value in challenge.params.items())
    return f"{challenge.scheme} {params}".strip()


@given(st.lists(CHALLENGES, max_size=5), st.booleans())
def test_what_is_written_is_read_again(challenges: list[Challenge], folded: bool) -> None:
    lines = [written(each) for each in challenges]
    assert parse_challenges([", ".join(lines)] if folded else lines) == challenges


@pytest.mark.parametrize(
    "piece",
    [
        "a=b,",
        "New,",
        "New a=b c,",
        ",",
        '"',
        "\\",
        '"a",',
        'N a="b',
        " ",
        "a ",
        "=",
        "a=",
        "@,",
        "a",
    ],
)
def test_the_work_grows_with_the_size(piece: str) -> None:
    assert_linear(lambda size: parse_challenges(["New " + piece * size]))
