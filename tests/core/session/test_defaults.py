"""The fields that every session begins with: they can be sent, and are shared until they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sojourn_core import Fields, Request, Session
from sojourn_core.messages.preparation import NOTHING_CHECKED
from sojourn_core.rules.request_fields import check_fields
from sojourn_core.session.defaults import checked_defaults, default_headers
from sojourn_core.values.errors import InvalidHeader

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://a.test/"


def sent(session: Session) -> list[tuple[str, str]]:
    return session.prepare_request(Request("GET", URL)).headers.lines


def test_default_fields_can_be_sent_as_they_are() -> None:
    lines, fields, by_name = checked_defaults()
    assert check_fields(Fields(lines), NOTHING_CHECKED) is False
    assert fields.lines == lines
    assert fields.by_name() == by_name == Fields(lines).by_name()


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields.update({"X": "y"}),
        lambda fields: fields.add("X", "y"),
        lambda fields: fields.__setitem__("Accept", "text/html"),
        lambda fields: fields.__delitem__("Accept"),
        lambda fields: fields.pop("Accept"),
        lambda fields: fields.setdefault("X", "y"),
        lambda fields: fields.popitem(),
        lambda fields: fields.clear(),
    ],
)
@pytest.mark.parametrize("prepared_before", [False, True])
def test_a_change_of_one_session_is_seen_by_no_other(
    change: Callable[[Fields], object], *, prepared_before: bool
) -> None:
    before, by_name = default_headers().lines.copy(), default_headers().by_name().copy()
    one, other = Session(), Session()
    if prepared_before:
        sent(one)
    change(one.headers)
    assert one.headers.lines != before
    assert sent(one) == one.headers.lines
    assert other.headers.lines == sent(other) == sent(Session()) == before
    assert default_headers().by_name() == by_name


def test_a_change_of_a_prepared_request_is_seen_by_no_session() -> None:
    before = default_headers().lines.copy()
    request = Session().prepare_request(Request("GET", URL))
    request.headers["Accept"] = "text/html"
    assert sent(Session()) == before


@pytest.mark.parametrize("prepared_before", [False, True])
def test_other_fields_are_checked(*, prepared_before: bool) -> None:
    session = Session()
    if prepared_before:
        sent(session)
    session.headers["X"] = "a\r\nb"
    with pytest.raises(InvalidHeader):
        sent(session)
