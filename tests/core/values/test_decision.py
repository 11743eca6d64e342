from __future__ import annotations

from dataclasses import replace

import pytest

from sojourn_core.values.decision import Decision, explain

REWRITTEN = Decision(
    code="redirect.method.rewritten",
    subject="method",
    reason="status 303 turns POST into GET",
    section="RFC 9110 15.4.4",
    before="POST",
    after="GET",
    hop=1,
)
DROPPED = Decision(code="field.dropped.content", subject="Content-Type", reason="it is gone", hop=1)


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (
            REWRITTEN,
            (
                "redirect.method.rewritten: method (POST -> GET): status 303 turns POST into GET "
                "[RFC 9110 15.4.4]"
            ),
        ),
        (DROPPED, "field.dropped.content: Content-Type: it is gone"),
        (replace(DROPPED, after="x"), "field.dropped.content: Content-Type: it is gone"),
        (replace(DROPPED, before="x"), "field.dropped.content: Content-Type: it is gone"),
    ],
)
def test_a_decision_as_text(decision: Decision, text: str) -> None:
    assert str(decision) == text


def test_a_decision_is_a_value() -> None:
    assert replace(REWRITTEN) == REWRITTEN
    assert len({REWRITTEN, replace(REWRITTEN), DROPPED}) == 2
    assert hash(replace(REWRITTEN)) == hash(REWRITTEN)
    with pytest.raises(AttributeError):  # It has its fields, and no place for more.
        REWRITTEN.another = ""  # type: ignore[attr-defined]  # That it raises is the test.


def test_decisions_are_explained_under_their_hop() -> None:
    first = replace(DROPPED, hop=0)
    assert explain([first, REWRITTEN, DROPPED]) == "\n".join(
        ["request 1", f"  {first}", "request 2", f"  {REWRITTEN}", f"  {DROPPED}"]
    )


def test_nothing_decided_is_nothing_explained() -> None:
    assert explain([]) == ""
