"""Classes of fields, as ``dataclasses.dataclass(slots=True)`` makes them, and quick to define.

The standard library writes and compiles up to six methods for each class while it is defined, and
loads ``inspect`` for it, which took a third of the time that the core takes to load. Here a method
is compiled when it is first asked for. What it does is the same, and ``dataclasses`` takes such a
class for one of its own: ``fields``, ``replace``, ``asdict`` and ``is_dataclass`` all work.

Beside ``slots``, which always holds, there is what the core uses. Of a class: ``frozen``,
``kw_only``, ``repr``, ``eq`` and ``unsafe_hash``. Of a field: ``default``, ``default_factory``,
``repr`` and ``compare``.
"""

from __future__ import annotations

from importlib import import_module
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field, replace

__all__ = ["dataclass", "field", "replace"]

_NOTHING: Final = object()


class _Field:
    """One field of a class.

    Attributes:
        type: Its annotation.
        default: Its value where none is given.
        factory: Makes that value.
        repr: It is shown.
        compare: It counts for equality, and for the hash.
        kw_only: It is given by name.
    """

    __slots__ = ("compare", "default", "factory", "kw_only", "repr", "type")

    def __init__(
        self, default: Any, factory: Any = _NOTHING, *, repr: bool = True, compare: bool = True
    ) -> None:
        self.type: Any = None
        self.default = default
        self.factory = factory
        self.repr = repr
        self.compare = compare
        self.kw_only = False


class _Late:
    """An attribute of a class that is made when somebody first asks for it.

    Args:
        name: The name of the attribute.
        make: Makes it.
    """

    __slots__ = ("_make", "_name", "_owner")

    def __init__(self, name: str, make: Callable[[Any], Any]) -> None:
        self._name = name
        self._make = make
        self._owner: Any = None

    def __set_name__(self, owner: Any, name: str) -> None:
        self._owner = owner

    def __get__(self, this: Any, owner: Any) -> Any:
        found = self._make(self._owner)
        setattr(self._owner, self._name, found)
        bind = getattr(found, "__get__", None)
        return found if bind is None else bind(this, owner)


def _compile(owner: Any, head: str, body: list[str], **known: Any) -> Any:
    """Compile a method of a class, which sees ``known`` and the names of the class's module.

    The text is all our own: names of fields, and what stands in this module.
    """
    name = head.partition("(")[0]
    lines = "\n  ".join(body)
    text = f"def make({', '.join(known)}):\n def {head}:\n  {lines}\n return {name}"
    code = compile(text, "<record>", "exec").co_consts[0]
    assert isinstance(code, CodeType)
    method: Any = FunctionType(code, import_module(owner.__module__).__dict__)(**known)
    method.__qualname__ = f"{owner.__qualname__}.{method.__name__}"
    return method


def _init_of(owner: Any) -> Any:
    fields: dict[str, _Field] = owner.__record__
    known: dict[str, Any] = {"_set": object.__setattr__, "_nothing": _NOTHING}
    given: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for name, each in fields.items():
        argument, value = name, name
        if each.factory is not _NOTHING:
            known[f"_make_{name}"] = each.factory
            argument = f"{name}=_nothing"
            value = f"_make_{name}() if {name} is _nothing else {name}"
        elif each.default is not _NOTHING:
            known[f"_of_{name}"] = each.default
            argument = f"{name}=_of_{name}"
        (named if each.kw_only else given).append(argument)
        frozen = owner.__frozen__
        body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(owner, "__post_init__"):
        body.append("self.__post_init__()")
    arguments = ["self", *given, *(["*", *named] if named else [])]
    method = _compile(owner, f"__init__({', '.join(arguments)})", body or ["pass"], **known)
    method.__annotations__ = {name: each.type for name, each in fields.items()}
    method.__annotations__["return"] = None
    return method


def _compared(owner: Any, this: str) -> str:
    names = [name for name, each in owner.__record__.items() if each.compare]
    return f"({''.join(f'{this}.{name}, ' for name in names)})"


def _eq_of(owner: Any) -> Any:
    same = f"{_compared(owner, 'self')} == {_compared(owner, 'other')}"
    body = ["if other.__class__ is self.__class__:", f" return {same}", "return NotImplemented"]
    return _compile(owner, "__eq__(self, other)", body)


def _hash_of(owner: Any) -> Any:
    return _compile(owner, "__hash__(self)", [f"return hash({_compared(owner, 'self')})"])


def _shown(self: Any) -> str:
    fields: dict[str, _Field] = self.__record__
    shown = [f"{name}={getattr(self, name)!r}" for name, each in fields.items() if each.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__record__]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__record__, state, strict=True):
        object.__setattr__(self, name, value)


def _refuse_to_set(self: Any, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _standard(owner: Any) -> Any:
    """Build the class that ``dataclasses`` makes of the same fields."""
    import dataclasses

    fields: list[Any] = []
    for name, each in owner.__record__.items():
        options: dict[str, Any] = {"repr": each.repr, "compare": each.compare}
        if each.default is not _NOTHING:
            options["default"] = each.default
        if each.factory is not _NOTHING:
            options["default_factory"] = each.factory
        made: Any = dataclasses.field(kw_only=each.kw_only, **options)
        fields.append((name, each.type, made))
    return dataclasses.make_dataclass(owner.__name__, fields, frozen=owner.__frozen__)


def _fields_of(owner: Any) -> Any:
    return _standard(owner).__dataclass_fields__


def _params_of(owner: Any) -> Any:
    return _standard(owner).__dataclass_params__


def _of_fields(cls: Any, *, frozen: bool, kw_only: bool, repr: bool, eq: bool, hashed: bool) -> Any:
    """Make a class anew, with slots for its fields and the methods that fields ask for."""
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields.update(base.__dict__.get("__record__", ()))
    inherited = set(fields)
    members: dict[str, Any] = dict(cls.__dict__)
    annotations: dict[str, Any] = cls.__dict__.get("__annotations__", {})  # noqa: RUF063 - inspect
    for name, annotation in annotations.items():
        if str(annotation).startswith("ClassVar"):
            continue
        default = members.pop(name, _NOTHING)
        each = default if isinstance(default, _Field) else _Field(default)
        each.type, each.kw_only = annotation, kw_only
        fields[name] = each
    members.pop("__dict__", None)
    members.pop("__weakref__", None)
    members["__slots__"] = tuple(name for name in fields if name not in inherited)
    members["__record__"] = fields
    members["__frozen__"] = frozen
    members["__match_args__"] = tuple(name for name, each in fields.items() if not each.kw_only)
    members["__dataclass_fields__"] = _Late("__dataclass_fields__", _fields_of)
    members["__dataclass_params__"] = _Late("__dataclass_params__", _params_of)
    members.setdefault("__init__", _Late("__init__", _init_of))
    if repr:
        members.setdefault("__repr__", _shown)
    if eq:
        members.setdefault("__hash__", _Late("__hash__", _hash_of) if hashed else None)
        members.setdefault("__eq__", _Late("__eq__", _eq_of))
    if frozen:
        members["__setattr__"], members["__delattr__"] = _refuse_to_set, _refuse_to_delete
        members.setdefault("__getstate__", _state)
        members.setdefault("__setstate__", _set_state)
    made = type(cls)(cls.__name__, cls.__bases__, members)
    made.__qualname__ = cls.__qualname__
    return made


if not TYPE_CHECKING:  # To type checkers these are the standard library's.

    def dataclass(
        *,
        slots: bool,
        frozen: bool = False,
        kw_only: bool = False,
        repr: bool = True,
        eq: bool = True,
        unsafe_hash: bool = False,
    ) -> Callable[[Any], Any]:
        """Make a class of its annotated fields; the arguments are those of ``dataclasses``."""
        assert slots, "there is no other kind"
        hashed = frozen or unsafe_hash
        return lambda cls: _of_fields(
            cls, frozen=frozen, kw_only=kw_only, repr=repr, eq=eq, hashed=hashed
        )

    def field(
        *,
        default: Any = _NOTHING,
        default_factory: Any = _NOTHING,
        repr: bool = True,
        compare: bool = True,
    ) -> Any:
        """Give a field more than a default; the arguments are those of ``dataclasses``."""
        return _Field(default, default_factory, repr=repr, compare=compare)

    def replace(this: Any, /, **changes: Any) -> Any:
        """Build a value with some of its fields changed."""
        for name in this.__record__:
            if name not in changes:
                changes[name] = getattr(this, name)
        return type(this)(**changes)
