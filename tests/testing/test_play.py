"""Calls that are played over a web made of values: what is on their trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sojourn.testing import Answer, Situation, Web, as_mermaid, as_text, play, simulate
from sojourn_core import Policy, Request, Session, Timeouts
from sojourn_core.errors import ConnectionError as LostConnection
from sojourn_core.errors import DeadlineExceeded, TooManyRedirects, UnrewindableBodyError

if TYPE_CHECKING:
    from sojourn_core.commands import Send

CHAIN = {
    "https://a.test/": Answer.to("/b", 302, ("Set-Cookie", "sid=1; Path=/")),
    "https://a.test/b": Answer.to("https://b.test/c#part", 307),
    "https://b.test/c": Answer(200, (("Content-Type", "text/plain"),), b"tea"),
}


def test_a_trail_has_all_that_was_sent_and_how_it_ended() -> None:
    trail = simulate(CHAIN, Request("GET", "https://a.test", headers={"X-Key": "k"}), Policy())
    assert [str(sent.url) for sent in trail.sent] == [
        "https://a.test/",
        "https://a.test/b",
        "https://b.test/c#part",
    ]
    assert [sent.fields.get("x-key") for sent in trail.sent] == ["k", "k", None]
    assert [sent.fields.get("cookie") for sent in trail.sent] == [None, "sid=1", None]
    assert [sent.at_home for sent in trail.sent] == [True, True, False]
    assert trail.answers == list(CHAIN.values())
    assert "field.dropped.cross-origin" in trail.codes
    assert trail.error is None
    assert trail.response is not None
    assert trail.response.text == "tea"
    assert len(trail.response.history) == 2


def test_a_web_may_be_a_function_or_answers_in_turn() -> None:
    def ask(send: Send) -> Answer:
        return Answer(204 if send.request.method == "GET" else 405)

    assert simulate(ask, Request("PUT", "https://a.test/"), Policy()).answers == [Answer(405)]
    in_turn = Web([Answer.to("/x"), Answer.to("/y")])
    for _ in range(2):  # Each call begins with the first.
        trail = simulate(in_turn, Request("GET", "https://a.test/"), Policy())
        assert [sent.url.path for sent in trail.sent] == ["/", "/x", "/y"]
        assert trail.answers[-1] == Answer(200)
    assert simulate({}, Request("GET", "https://a.test/"), Policy()).answers == [Answer(404)]


def test_an_error_in_the_place_of_an_answer_is_what_becomes_of_the_request() -> None:
    lost = {"https://a.test/": LostConnection("lost")}
    trail = simulate(lost, Request("POST", "https://a.test/", data=b"x"), Policy())
    assert trail.error is lost["https://a.test/"]
    assert trail.response is None


def test_what_ends_a_call_is_on_its_trail() -> None:
    loop = {"https://a.test/": Answer.to("/")}
    trail = simulate(loop, Request("GET", "https://a.test/"), Policy())
    assert isinstance(trail.error, TooManyRedirects)
    assert len(trail.sent) == 31
    again = Situation(method="PUT", content=b"x", streamed=True)
    trail = simulate({"https://a.test/": Answer.to("/b", 307)}, again, Policy())
    assert isinstance(trail.error, UnrewindableBodyError)
    assert [sent.content for sent in trail.sent] == [b"x"]


def test_time_passes_if_it_is_told_to() -> None:
    session = Session(timeout=Timeouts(total=3))
    call = session.call(Request("GET", "https://a.test/"))
    trail = play(call, {"https://a.test/": Answer.to("/")}, seconds=1)
    assert isinstance(trail.error, DeadlineExceeded)
    assert len(trail.sent) == 2


def test_hooks_are_called_and_what_they_raise_is_the_end() -> None:
    def boom(*_: object, **__: object) -> None:
        raise KeyError("boom")

    request = Request("GET", "https://a.test/", hooks={"response": boom})
    assert isinstance(simulate({}, request, Policy()).error, KeyError)


def test_a_situation_is_played_as_it_says_and_again() -> None:
    situation = Situation(
        auth=("ada", "s3cretPassw0rd"),
        cookies={"kept": "s3cretSess10n"},
        proxy="http://ada:s3cretPr0xy@proxy.test",
    )
    trail = simulate({}, situation, Policy())
    (sent,) = trail.sent
    assert sent.fields["cookie"] == "kept=s3cretSess10n"
    assert sent.fields["authorization"].startswith("Basic ")
    assert sent.send.proxy_authorization is not None
    assert trail.replay is not None
    assert {secret.what for secret in trail.replay.secrets} == {
        "auth",
        "cookie kept",
        "credentials of the proxy",
    }
    assert trail.replay.again().sent[0].wire() == sent.wire()
    other = trail.replay.with_other_secrets().sent[0].wire()
    assert other != sent.wire()
    assert len(other) == len(sent.wire())
    assert not any(text.encode() in other for s in trail.replay.secrets for text in s.texts)


def test_a_trail_is_told_without_values() -> None:
    request = Request("POST", "https://a.test/", headers={"X-Key": "s3cret"}, data=b"abc")
    trail = simulate(CHAIN, request, Policy())
    assert as_text(trail).splitlines()[:3] == [
        "1. POST https://a.test/ with x-key, 3 bytes of content",
        "   answered: 302 to https://a.test/b, 1 Set-Cookie",
        "2. GET https://a.test/b with x-key, cookie",
    ]
    assert as_mermaid(trail).splitlines()[:5] == [
        "sequenceDiagram",
        "    participant c as client",
        "    participant o1 as https://a.test",
        "    participant o2 as https://b.test",
        "    c->>o1: POST / (x-key, 3 bytes of content)",
    ]
    assert "s3cret" not in as_text(trail) + as_mermaid(trail)


@pytest.mark.parametrize("url", ["ftp://a.test/", "not a url"])
def test_a_web_refuses_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|scheme|http"):
        Web({url: Answer()})
