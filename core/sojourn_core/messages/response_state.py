"""The pickled state of a response: its public attributes, and the version of their set."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sojourn_core.values.record import replace

from .request import PreparedRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

STATE_VERSION: Final = 1  # Every later release reads version 1 as well.


def state_of(response: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the attributes of these names, and the version of the state.

    Connections stay behind, and so do the request's streamed content and its credentials objects:
    the fields that these have set are in the request.
    """
    state = {name: getattr(response, name, None) for name in names}
    state["request"] = _portable(state.get("request"))
    state["_version"] = STATE_VERSION
    return state


def restore_state(response: Any, state: dict[str, Any]) -> None:
    """Set the attributes that a state has: one of another version may have fewer, or more."""
    for name, value in state.items():
        if name != "_version":
            with suppress(AttributeError):  # A later release may compute what an earlier one kept.
                setattr(response, name, value)


def _portable(request: Any) -> Any:
    """Return a copy of a request that can be pickled; one of another class is returned as it is.

    Requests cannot pickle a request whose content is a file or an iterator; here it is left out.
    """
    if not isinstance(request, PreparedRequest):  # It may stand for one, and have its attributes.
        return request
    made: Any = request.copy()
    if not isinstance(made.body, (bytes, str)):
        made.body = None
    made.auth = made._content = None
    derived = made.preparation.derived
    made.__dict__.pop("preparation", None)  # The policy of its session does not travel.
    made.preparation = replace(made.preparation.to_travel(), derived=derived)
    return made
