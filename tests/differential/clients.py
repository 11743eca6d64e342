"""Four clients with one face: Requests, ``sojourn.compat``, and the two sessions of Sojourn.

A program is written once, for blocking code. For the asyncio session each object is wrapped in an
``Awaiting``, which carries out what is to be awaited on a loop in a thread of its own.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pickle
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

SECONDS_MAX: Final = 60.0  # A program that hangs fails instead.
READS: Final = ("content", "text", "json", "apparent_encoding")
VERBS: Final = ("get", "options", "head", "post", "put", "patch", "delete")


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        """Start it."""
        self.loop: Final = asyncio.new_event_loop()
        self._thread: Final = threading.Thread(target=self.loop.run_forever, name="differential")
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Wait for what is awaited there."""
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("a function that the loop called would have to wait for the loop")
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(SECONDS_MAX)

    def close(self) -> None:
        """Stop it."""
        self.run(self.loop.shutdown_default_executor())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Awaiting:
    """An object of the asyncio binding, used from blocking code."""

    def __init__(self, inner: Any, loop: Loop) -> None:
        """Wrap ``inner``."""
        self.__dict__.update(inner=inner, loop=loop)

    def __getattr__(self, name: str) -> Any:
        inner, loop = self.inner, self.loop
        # What Requests reads on its own is read here by a line more: ``await response.read()``.
        if name in READS and getattr(inner, "_driver", None) is not None:
            loop.run(inner.read())
        return wrap(getattr(inner, name), loop)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.inner, name, unwrap(value, self.loop))

    def __bool__(self) -> bool:
        return bool(self.inner)

    def __repr__(self) -> str:
        return repr(self.inner)

    def __iter__(self) -> Iterator[Any]:
        return wrap(aiter(self.inner), self.loop)

    def __getstate__(self) -> Any:
        return self.inner.__getstate__()

    def __setstate__(self, state: Any) -> None:
        self.inner.__setstate__(state)

    def __enter__(self) -> Any:
        return wrap(self.loop.run(self.inner.__aenter__()), self.loop)

    def __exit__(self, *error: object) -> None:
        self.loop.run(self.inner.__aexit__(*error))


def wrap(value: Any, loop: Loop) -> Any:
    """What the asyncio binding gave, for blocking code."""
    from sojourn import AsyncHTTPAdapter, AsyncResponse, AsyncSession

    if inspect.iscoroutine(value):
        return wrap(loop.run(value), loop)
    if isinstance(value, AsyncResponse | AsyncSession | AsyncHTTPAdapter):
        return Awaiting(value, loop)
    if hasattr(value, "__anext__"):
        return _each(value, loop)
    if isinstance(value, list) and any(isinstance(each, AsyncResponse) for each in value):
        return [wrap(each, loop) for each in value]
    if inspect.ismethod(value) or inspect.isfunction(value):
        return _blocking(value, loop)
    return value


def unwrap(value: Any, loop: Loop) -> Any:
    """What blocking code gave, for the asyncio binding."""
    if isinstance(value, Awaiting):
        return value.inner
    if isinstance(value, dict) and any(
        callable(each) or isinstance(each, list) for each in value.values()
    ):
        return {key: unwrap(each, loop) for key, each in value.items()}
    if isinstance(value, list):
        return [unwrap(each, loop) for each in value]
    if inspect.isfunction(value):
        return hook_of(value, loop)
    return value


def hook_of(function: Callable[..., Any], loop: Loop) -> Callable[..., Any]:
    """A function that the binding calls with a response, made into one that it awaits."""
    parameters = list(inspect.signature(function).parameters)
    if not parameters or parameters[0] not in {"response", "r", "resp"}:
        return function

    async def hook(response: Any, *args: Any, **kwargs: Any) -> Any:
        made = await asyncio.to_thread(function, wrap(response, loop), *args, **kwargs)
        return unwrap(made, loop)

    return hook


def _blocking(function: Callable[..., Any], loop: Loop) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        made = function(
            *(unwrap(each, loop) for each in args),
            **{name: unwrap(each, loop) for name, each in kwargs.items()},
        )
        return wrap(made, loop)

    return call


async def _each_awaited(values: list[Any]) -> AsyncIterator[Any]:
    for value in values:
        yield value


def _each(values: Any, loop: Loop) -> Iterator[Any]:
    async def following() -> Any:
        return await anext(values)

    try:
        while True:
            try:
                value = loop.run(following())
            except StopAsyncIteration:
                return
            yield wrap(value, loop)
    finally:
        if hasattr(values, "aclose"):
            loop.run(values.aclose())


class Client:
    """One of the four.

    Attributes:
        name: ``requests``, ``compat``, ``session`` or ``async``.
    """

    def __init__(self, name: str) -> None:
        """Make nothing yet but, for asyncio, the loop."""
        self.name: Final = name
        self.loop: Final = Loop() if name == "async" else None

    def module(self) -> Any:
        """What a program knows as ``requests``."""
        if self.name == "requests":
            return importlib.import_module("requests")
        if self.name == "compat":
            return importlib.import_module("sojourn.compat")
        return _facade(self)

    def open(self, session_class: Any) -> Any:
        """Make a session, in a wrapping if need be."""
        return self.wrap(session_class())

    def wrap(self, value: Any) -> Any:
        """Make an object of the binding usable from blocking code."""
        return value if self.loop is None else wrap(value, self.loop)

    def unwrap(self, value: Any) -> Any:
        """Take the wrapping off."""
        return value.inner if isinstance(value, Awaiting) else value

    def iterator(self, values: list[Any]) -> Any:
        """Make an iterator of the kind that the binding's own methods return."""
        return iter(values) if self.loop is None else _each_awaited(values)

    def pickled(self, value: Any) -> Any:
        """Pickle, and the other way round."""
        return self.wrap(pickle.loads(pickle.dumps(self.unwrap(value))))

    def adapter(self, base: Any, send: Any, close: Any) -> Any:
        """Make an adapter of a function ``send(request, **settings)``."""
        unwrapped, closed = self.unwrap, close or (lambda: None)

        class Blocking(base):
            def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
                return send(request, *args, **kwargs)

            def close(self) -> None:
                closed()

        class Asynchronous(base):
            async def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
                return unwrapped(send(request, *args, **kwargs))

            async def close(self) -> None:
                closed()

        return (Blocking if self.loop is None else Asynchronous)()

    def close(self) -> None:
        """End the loop."""
        if self.loop is not None:
            self.loop.close()


def _facade(client: Client) -> Any:
    """Sojourn's own names under the module names of Requests, as far as there are such."""
    import sojourn
    import sojourn_core
    from sojourn_core.rules import merge
    from sojourn_core.rules.auth import credentials as auth
    from sojourn_core.rules.auth import digest_auth
    from sojourn_core.session import session

    names: dict[str, Any] = {
        **{name: getattr(sojourn_core, name) for name in sojourn_core.__all__},
        **{name: getattr(sojourn, name) for name in sojourn.__all__},
    }
    if client.loop is not None:
        names["Session"] = sojourn.AsyncSession
        names["Response"] = sojourn.AsyncResponse
        names["HTTPAdapter"] = sojourn.AsyncHTTPAdapter
        names["BaseAdapter"] = object
        names |= {verb: _one_off(client, verb) for verb in (*VERBS, "request")}
    names["RequestsCookieJar"] = sojourn_core.CookieJar
    flat = SimpleNamespace(**names)
    flat.exceptions = sojourn.exceptions
    flat.adapters = flat.models = flat.cookies = flat.structures = flat
    flat.auth = SimpleNamespace(**{**names, **_public(auth), **_public(digest_auth)})
    flat.sessions = SimpleNamespace(**{**names, **_public(session), **_public(merge)})
    flat.sessions.Session = names["Session"]
    return flat


def _public(module: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}


def _one_off(client: Client, verb: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        import sojourn

        with client.open(sojourn.AsyncSession) as session:
            return getattr(session, verb)(*args, **kwargs)

    return call
