from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth as RequestsDigestAuth
from requests.utils import parse_dict_header

from sojourn_core.rules.auth.challenge import Challenge, parse_challenges
from sojourn_core.rules.auth.digest import (
    Asked,
    DigestChallenge,
    DigestCredentials,
    _has_hash,
    answer,
    choose_challenge,
    read_challenge,
    write_credentials,
)
from sojourn_core.values.errors import InvalidHeader

MUFASA = DigestCredentials(username="Mufasa", password="Circle of Life")
CHALLENGE = 'realm="r", nonce="n"'


def chosen(*challenges: str, **given: Any) -> DigestChallenge:
    found = choose_challenge(parse_challenges(challenges), **given)
    assert found is not None
    return found


def answered(
    challenge: str, credentials: DigestCredentials = MUFASA, **given: Any
) -> dict[str, str]:
    settings = {"method": "GET", "uri": "/", "cnonce": "c", **given}
    asked = Asked(settings.pop("method"), settings.pop("uri"), settings.pop("content", None))
    return answer(chosen(f"Digest {challenge}"), credentials, asked, **settings)


def h(text: str | bytes, name: str = "md5") -> str:
    octets = text.encode() if isinstance(text, str) else text
    return hashlib.new(name, octets, usedforsecurity=False).hexdigest()


# --- published --------------------------------------------------------------------------------

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    params = answered(
        f'realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        f'nonce="{NONCE}", opaque="{OPAQUE}"',
        uri="/dir/index.html",
        cnonce=CNONCE,
    )
    assert write_credentials(params) == (
        'Digest username="Mufasa", realm="http-auth@example.org", '
        f'nonce="{NONCE}", uri="/dir/index.html", response="{response}", opaque="{OPAQUE}", '
        f'algorithm={algorithm}, qop=auth, nc=00000001, cnonce="{CNONCE}"'
    )


@pytest.mark.sha512_256
@pytest.mark.parametrize(
    ("userhash", "name"),
    [
        (
            True,
            # The RFC prints what a SHA-512 cut short gives; this is that of FIPS 180-4.
            {
                "username": "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
                "userhash": "true",
            },
        ),
        (False, {"username*": "UTF-8''J%C3%A4s%C3%B8n%20Doe"}),
    ],
)
def test_the_example_of_rfc_7616_section_3_9_2(userhash: bool, name: dict[str, str]) -> None:
    params = answered(
        'realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", '
        'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", '
        f"charset=UTF-8, userhash={str(userhash).lower()}",
        DigestCredentials(username="J\u00e4s\u00f8n Doe", password="Secret, or not?"),
        uri="/doe.json",
        cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    )
    response = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    assert params["response"] == response
    found = {key: value for key, value in params.items() if key.startswith("user")}
    assert found == name


# --- which challenge --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        (CHALLENGE, {}),
        (f"{CHALLENGE}, algorithm=md5", {"algorithm": "md5"}),
        (f"{CHALLENGE}, algorithm=SHA", {"algorithm": "SHA", "hash_name": "sha1"}),
        (f"{CHALLENGE}, algorithm=SHA-512", {"algorithm": "SHA-512", "hash_name": "sha512"}),
        pytest.param(
            f"{CHALLENGE}, algorithm=SHA-512-256-SESS, qop=auth",
            {
                "algorithm": "SHA-512-256-SESS",
                "hash_name": "sha512_256",
                "session": True,
                "qop": "auth",
            },
            marks=pytest.mark.sha512_256,
        ),
        (f"{CHALLENGE}, qop=auth-int", {"qop": "auth-int"}),
        (f'{CHALLENGE}, qop="auth-int,\tAUTH"', {"qop": "auth"}),
        (f'{CHALLENGE}, qop=""', {}),
        (f'{CHALLENGE}, qop=" ,"', {}),
        (f'{CHALLENGE}, opaque=""', {"opaque": ""}),
        (f"{CHALLENGE}, charset=utf-8, userhash=TRUE", {"utf8": True, "userhash": True}),
        (f"{CHALLENGE}, charset=latin-1, userhash=1, stale=yes", {}),
        (f"{CHALLENGE}, stale=True", {"stale": True}),
    ],
)
def test_what_a_challenge_asks_for(challenge: str, expected: dict[str, Any]) -> None:
    assert chosen(f"Digest {challenge}") == DigestChallenge(realm="r", nonce="n", **expected)


@pytest.mark.parametrize(
    "challenge",
    [
        f"Basic {CHALLENGE}",
        "Digest",
        "Digest abc==",
        'Digest realm="r"',
        'Digest nonce="n"',
        f"Digest {CHALLENGE}, algorithm=MD4",
        f"Digest {CHALLENGE}, algorithm=-sess",
        f'Digest {CHALLENGE}, algorithm=""',
        f"Digest {CHALLENGE}, algorithm=token",
        f"Digest {CHALLENGE}, qop=auth-conf",
        f"Digest {CHALLENGE}, algorithm=MD5-sess",
    ],
)
def test_what_cannot_be_answered(challenge: str) -> None:
    (read,) = parse_challenges([challenge])
    assert read_challenge(read) is None
    assert choose_challenge([read]) is None
    assert chosen(challenge, f"Digest {CHALLENGE}, qop=auth").qop == "auth"


def test_a_hash_that_hashlib_lacks_is_not_there() -> None:
    assert _has_hash("sha256")
    assert not _has_hash("sha512_257")


def test_auth_int_is_for_content_that_is_known() -> None:
    integrity, plain = (
        f'Digest realm="i", nonce="n", qop={qop}' for qop in ("auth-int", '"auth-int, auth"')
    )
    assert chosen(integrity, plain).qop == "auth-int"
    assert chosen(integrity, plain, content_known=False).qop == "auth"
    assert choose_challenge(parse_challenges([integrity]), content_known=False) is None


# --- what is hashed ---------------------------------------------------------------------------


def test_the_formulas() -> None:
    ha1, ha2 = h("Mufasa:r:Circle of Life"), h("GET:/")
    assert answered(CHALLENGE)["response"] == h(f"{ha1}:n:{ha2}")
    assert set(answered(CHALLENGE)) == {"username", "realm", "nonce", "uri", "response"}
    found = answered(f"{CHALLENGE}, qop=auth", nonce_count=0xAB)
    assert found["response"] == h(f"{ha1}:n:000000ab:c:auth:{ha2}")
    integrity = h(f"GET:/:{h(b'content')}")
    found = answered(f"{CHALLENGE}, qop=auth-int", content=b"content")
    assert found["response"] == h(f"{ha1}:n:00000001:c:auth-int:{integrity}")
    session = h(f"{ha1}:n:c")
    found = answered(f"{CHALLENGE}, qop=auth, algorithm=MD5-sess")
    assert found["response"] == h(f"{session}:n:00000001:c:auth:{ha2}")


def test_the_key_of_a_session_is_made_once() -> None:
    found = answered(f"{CHALLENGE}, qop=auth, algorithm=MD5-sess", session_nonces=("first", "own"))
    key = h(f"{h('Mufasa:r:Circle of Life')}:first:own")
    assert found["response"] == h(f"{key}:n:00000001:c:auth:{h('GET:/')}")


def test_no_content_is_empty_content() -> None:
    challenge = f"{CHALLENGE}, qop=auth-int"
    assert answered(challenge, content=None) == answered(challenge, content=b"")
    assert answered(challenge, content=b"x") != answered(challenge, content=b"")


@pytest.mark.parametrize(
    ("username", "password", "charset", "as_requests", "octets", "name"),
    [
        # The challenge says UTF-8.
        ("u", "\xe4", "UTF-8", False, b"u:r:\xc3\xa4", {"username": "u"}),
        ("\xe4", "p", "UTF-8", False, b"\xc3\xa4:r:p", {"username*": "UTF-8''%C3%A4"}),
        (
            "'\u20ac",
            "p",
            "UTF-8",
            False,
            b"'\xe2\x82\xac:r:p",
            {"username*": "UTF-8''%27%E2%82%AC"},
        ),
        # It takes Normalization Form C then (RFC 7616 section 4).
        ("u", "a\u0308", "UTF-8", False, b"u:r:\xc3\xa4", {"username": "u"}),
        ("a\u0308", "p", "UTF-8", False, b"\xc3\xa4:r:p", {"username*": "UTF-8''%C3%A4"}),
        ("u", "\u212b", "UTF-8", False, b"u:r:\xc3\x85", {"username": "u"}),
        (b"u", b"a\xcc\x88", "UTF-8", False, b"u:r:a\xcc\x88", {"username": "u"}),
        ("u", "a\u0308", "", False, b"u:r:a\xcc\x88", {"username": "u"}),
        ("u", "a\u0308", "UTF-8", True, b"u:r:a\xcc\x88", {"username": "u"}),
        # It says nothing: ISO-8859-1 if that will do.
        ("\xe4", "p", "", False, b"\xe4:r:p", {"username": "\xe4"}),
        ("u", "\xe4", "", False, b"u:r:\xe4", {"username": "u"}),
        ("\xe4", "\u20ac", "", False, b"\xc3\xa4:r:\xe2\x82\xac", {"username": "\xc3\xa4"}),
        # Octets are what they are.
        (b"\xff", b"\xfe", "", False, b"\xff:r:\xfe", {"username": "\xff"}),
        (b"u", b"\xfe", "UTF-8", False, b"u:r:\xfe", {"username": "u"}),
        # As Requests: hashed as UTF-8, written as ISO-8859-1.
        ("\xe4", "\xe4", "", True, b"\xc3\xa4:r:\xc3\xa4", {"username": "\xe4"}),
        ("\u20ac", "p", "", True, b"\xe2\x82\xac:r:p", {"username": "\xe2\x82\xac"}),
        (b"\xff", "", "", True, b"\xff:r:", {"username": "\xff"}),
        ("", "", "", False, b":r:", {"username": ""}),
    ],
)
def test_encodings(
    username: Any, password: Any, charset: str, as_requests: bool, octets: bytes, name: Any
) -> None:
    credentials = DigestCredentials(username=username, password=password, as_requests=as_requests)
    challenge = f"{CHALLENGE}, charset={charset}" if charset else CHALLENGE
    found = answered(challenge, credentials)
    assert {key: value for key, value in found.items() if key.startswith("user")} == name
    assert found["response"] == h(f"{h(octets)}:n:{h('GET:/')}")


def test_a_user_name_is_normalised_before_it_is_hashed_by_itself() -> None:
    challenge = f"{CHALLENGE}, charset=UTF-8, userhash=true"
    composed, decomposed = (
        answered(challenge, DigestCredentials(username=name, password="p"))
        for name in ("\xe4", "a\u0308")
    )
    assert composed == decomposed
    assert composed["username"] == h(b"\xc3\xa4:r")


def test_what_the_server_sent_is_hashed_as_its_octets() -> None:
    found = answered('realm="\xc3\xa4\\"", nonce="\xff"')
    secret = h(b'Mufasa:\xc3\xa4":Circle of Life').encode()
    assert found["response"] == h(secret + b":\xff:" + h("GET:/").encode())
    assert 'realm="\xc3\xa4\\"", nonce="\xff"' in write_credentials(found)


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("se\ncret", "p", "the user name of Digest credentials holds a control character"),
        (b"se\x7fcret", "p", "the user name of Digest credentials holds a control character"),
        ("secret\ud800", "p", "Digest credentials cannot be encoded as utf-8"),
        ("u", "secret\ud800", "Digest credentials cannot be encoded as utf-8"),
    ],
)
def test_what_digest_cannot_say(username: Any, password: Any, message: str) -> None:
    credentials = DigestCredentials(username=username, password=password)
    assert "secret" not in repr(credentials)
    with pytest.raises(InvalidHeader) as caught:
        answered(CHALLENGE, credentials)
    assert str(caught.value) == message


# --- how it is written ------------------------------------------------------------------------

PARAMS = {
    "username": 'a"\\b',
    "algorithm": "MD5",
    "qop": "auth",
    "nc": "00000001",
    "cnonce": "c",
    "userhash": "true",
}


def test_what_is_quoted() -> None:
    assert write_credentials(PARAMS) == (
        r'Digest username="a\"\\b", algorithm=MD5, qop=auth, nc=00000001, cnonce="c", userhash=true'
    )
    assert write_credentials({"username*": "UTF-8''a"}) == "Digest username*=UTF-8''a"


def test_what_is_quoted_for_servers_that_know_requests() -> None:
    assert write_credentials(PARAMS, quotes_all=True) == (
        r'Digest username="a\"\\b", algorithm="MD5", qop="auth", nc=00000001, cnonce="c", '
        "userhash=true"
    )


VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"))


@given(VALUES, VALUES, VALUES, st.booleans())
def test_a_field_says_what_it_was_made_of(
    username: str, realm: str, opaque: str, quotes_all: bool
) -> None:
    challenge = Challenge(scheme="digest", params={"realm": realm, "nonce": "", "opaque": opaque})
    read = read_challenge(challenge)
    assert read is not None
    credentials = DigestCredentials(username=username, password="p")
    params = answer(read, credentials, Asked("GET", "/"))
    (found,) = parse_challenges([write_credentials(params, quotes_all=quotes_all)])
    assert found.params == params


# --- beside Requests --------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["", "MD5", "md5", "MD5-sess", "SHA", "SHA-256", "SHA-512"])
@pytest.mark.parametrize("qop", ["", "auth", "auth,auth-int", "auth-int, auth,auth"])
@pytest.mark.parametrize("opaque", [None, "", "op=aq/ue"])
@pytest.mark.parametrize("password", ["Circle of Life", "a:b", "\xe4\u20ac"])
def test_the_field_is_that_of_requests(
    algorithm: str, qop: str, opaque: str | None, password: str
) -> None:
    if algorithm == "MD5-sess" and not qop:
        return  # No server can check what Requests answers: its cnonce is not sent.
    challenge = 'realm="a, b", nonce="n=="'
    challenge += f", algorithm={algorithm}" if algorithm else ""
    challenge += f', qop="{qop}"' if qop else ""
    challenge += f', opaque="{opaque}"' if opaque is not None else ""
    theirs = RequestsDigestAuth("Mufasa", password)
    theirs.init_per_thread_state()
    theirs._thread_local.chal = parse_dict_header(challenge)
    credentials = DigestCredentials(username="Mufasa", password=password, as_requests=True)
    for nonce_count in (1, 2):
        field = theirs.build_digest_header("POST", "http://a.test/dir/x?a=1&b=%20")
        assert field is not None
        (sent,) = parse_challenges([field])
        ours = answered(
            challenge,
            credentials,
            method="POST",
            uri="/dir/x?a=1&b=%20",
            cnonce=sent.params.get("cnonce", ""),
            nonce_count=nonce_count,
        )
        assert write_credentials(ours, quotes_all=True) == field
