"""What a run gave, held against what a scenario says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.scenarios.model import Outcome, Record, Result, Seen


def differences(outcome: Outcome, result: Result) -> dict[str, Any]:
    """What a result has, where it is not what was expected."""
    expected = {
        "status": outcome.status,
        "history": outcome.history,
        "decisions": outcome.decisions,
        "error": outcome.error,
        "answered": outcome.answered,
        "trailers": tuple(outcome.trailers.items()),
    }
    found: dict[str, Any] = {name: getattr(result, name) for name in expected}
    found["decisions"] = tuple(
        f"{decision.hop} {decision.code} {decision.subject}" for decision in result.decisions
    )
    if outcome.error is None:
        if outcome.content is not None:
            expected["content"], found["content"] = outcome.content, result.content
    else:
        expected["maybe_sent"], found["maybe_sent"] = outcome.maybe_sent, result.maybe_sent
        assert result.asked is not None, "an error has its request"
        if outcome.says not in result.message:
            return {"message": result.message}
    if outcome.content_closed is not None:
        expected["content_closed"] = outcome.content_closed
        found["content_closed"] = result.content_closed
    if outcome.partial is not None:
        expected["partial"], found["partial"] = outcome.partial, result.partial
    for name, value in outcome.fields.items():
        values = [each for known, each in result.fields if known.lower() == name]
        expected[name], found[name] = value, ", ".join(values) if values else None
    return {name: found[name] for name in found if found[name] != expected[name]}


def unlike(all_seen: Iterable[Seen], record: Record) -> list[str]:
    """In what the peers have seen something else than they must."""
    expected: dict[str, dict[int, list[Seen]]] = {origin: {} for origin in record.received}
    for seen in all_seen:
        expected[seen.origin].setdefault(seen.connection, []).append(seen)
    problems: list[str] = []
    for origin, connections in record.received.items():
        count = max([len(connections), *(index + 1 for index in expected[origin])])
        for index in range(count):
            requests = connections[index] if index < len(connections) else ()
            wanted = expected[origin].get(index, [])
            where = f"{origin}, connection {index}"
            if [each.line for each in requests] != [each.line for each in wanted]:
                problems.append(f"{where}: {[each.line for each in requests]}")
                continue
            for request, seen in zip(requests, wanted, strict=True):
                problems += _wrong(f"{where}, {seen.line}", request, seen.fields, seen.content)
    return problems


def _wrong(
    where: str, request: Any, fields: Mapping[str, str | None], content: bytes | None
) -> list[str]:
    problems = [
        f"{where}: {name} is {request.value(name)!r}"
        for name, value in fields.items()
        if request.value(name) != value
    ]
    if request.content != content:
        problems.append(f"{where}: content is {request.content!r}")
    return problems
