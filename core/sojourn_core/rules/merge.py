"""The merging of a request's settings with its session's (Requests' ``merge_setting``)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, cast

from sojourn_core.values.hooks import hooks_for


def merge_setting(
    request_setting: Any, session_setting: Any, dict_class: type[Any] = OrderedDict
) -> Any:
    """Merge a setting of the request with the session's.

    Two mappings become one of ``dict_class``: the session's, updated with the request's, without
    the keys whose value is None. Anything else of the request's wins whole.
    """
    if session_setting is None:
        return request_setting
    if request_setting is None:
        return session_setting
    if not (isinstance(session_setting, Mapping) and isinstance(request_setting, Mapping)):
        return request_setting
    merged = dict_class(cast("Mapping[str, Any]", session_setting))
    for key, value in cast("Mapping[str, Any]", request_setting).items():
        merged[key] = value
    for key in [key for key, value in merged.items() if value is None]:
        del merged[key]
    return merged


def merge_hooks(request_hooks: Any, session_hooks: Any, dict_class: type[Any] = OrderedDict) -> Any:
    """Merge hooks: take the request's, unless it has none (Q19)."""
    if session_hooks is None or session_hooks.get("response") == []:
        return request_hooks
    if request_hooks is None or request_hooks.get("response") == []:
        return session_hooks
    return merge_setting(request_hooks, session_hooks, dict_class)


def replace_hooks(request_hooks: Any, session_hooks: Any) -> Any:
    """Merge hooks: those for responses by ``merge_hooks``, those for 1xx responses by themselves.

    Requests knows the former alone, and takes all from one side where the other has none of them.
    """
    merged = merge_hooks(request_hooks, session_hooks)
    for hooks in (request_hooks, session_hooks):
        informing = hooks_for("informational", hooks)
        if informing:
            known: dict[str, Any] = {"response": [], **(merged or {})}
            return {**known, "informational": informing}
    return merged


def add_hooks(request_hooks: Any, session_hooks: Any) -> dict[str, list[Any]]:
    """Merge hooks: the session's come first, then the request's."""
    merged: dict[str, list[Any]] = {}
    for hooks in (session_hooks, request_hooks):
        for event in hooks or ():
            merged.setdefault(event, []).extend(hooks_for(event, hooks))
    return merged
