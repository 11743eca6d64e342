"""Names resolved by blocking code: what cannot be interrupted is left behind when time is up."""

from __future__ import annotations

import threading
from contextvars import copy_context
from math import inf
from time import monotonic as clock
from typing import TYPE_CHECKING, TypeVar

from sojourn.shared.addresses import addresses_from, ask, own_timeout

from .stream import MOST_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from sojourn.shared.addresses import Resolver
    from sojourn_core.commands import Address

T = TypeVar("T")


def in_time(work: Callable[[], T], deadline: float) -> T:
    """Do work that nothing can interrupt, in a thread that is left behind when time is up.

    Where no thread can be started, as in WebAssembly or while the interpreter ends, the work is
    done here, and takes its time.

    Raises:
        TimeoutError: The deadline has passed.
        Exception: Whatever the work raises.
    """
    if deadline == inf:
        return work()
    done = threading.Event()
    came = look_up(work, done.set)
    while not done.wait(min(max(deadline - clock(), 0.0), MOST_TIMEOUT)):
        if clock() >= deadline:
            raise TimeoutError
    return came()


def look_up(work: Callable[[], T], told: Callable[[], object]) -> Callable[[], T]:
    """Begin work in a thread; or do it here, where no thread can be started.

    Args:
        work: What is done.
        told: Called when it is done, by its thread.

    Returns:
        A function that gives its result then, once, or raises what it has raised.
    """
    came: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            came.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            raised.append(error)
        finally:
            told()

    def result() -> T:
        if raised:
            raise raised.pop()  # Its frames must not lead back to it.
        return came.pop()

    context = copy_context()
    worker = threading.Thread(target=context.run, args=(run,), name="sojourn-look-up", daemon=True)
    try:
        worker.start()
    except RuntimeError:
        run()
    return result


def by(
    resolver: Resolver, system: Callable[[str, int], tuple[Address, ...]]
) -> Callable[[str, int], tuple[Address, ...]]:
    """Return a function that asks a user's resolver first, and then the system's."""

    def resolve(host: str, port: int) -> tuple[Address, ...]:
        try:
            found = ask(resolver, host, port)
        except TimeoutError as error:
            raise own_timeout(error) from error
        return system(host, port) if found is None else addresses_from(found, port)

    return resolve
