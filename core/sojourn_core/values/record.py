"""Records: classes whose fields are their annotations, made without loading ``dataclasses``.

``dataclasses`` loads ``inspect`` and compiles several functions for each class at once: it took a
third of the time in which the library starts. A record has one such function, its constructor,
which is compiled when the second one is made: of many there is one in a process, a default.

To all else a record is a dataclass with slots: ``fields``, ``asdict``, ``replace`` and
``is_dataclass`` of ``dataclasses`` take it, and so does ``copy.replace``. A dataclass may be
derived from it; a record from another may not.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

T = TypeVar("T")

MISSING: Final = object()  # Stands where no default was given.


class Given:
    """The definition of one field: its default, and what becomes of it.

    Attributes:
        default: Its default, or MISSING.
        factory: Makes its default anew for each record, or MISSING.
        repr: Whether it is shown.
        compare: Whether records that differ in it are unequal.
    """

    __slots__ = ("compare", "default", "factory", "repr")

    def __init__(self, default: Any, factory: Any, *, repr: bool, compare: bool) -> None:
        self.default = default
        self.factory = factory
        self.repr = repr
        self.compare = compare


def field(
    *,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    repr: bool = True,
    compare: bool = True,
) -> Any:
    """Define a field of a record, as ``dataclasses.field`` does."""
    return Given(default, default_factory, repr=repr, compare=compare)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def record(*, frozen: bool = False, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Return a decorator that makes a class a record.

    How it is compared and shown is its own business: ``values/value.py`` has a base for that.

    Args:
        frozen: Its fields cannot be set, but by the constructor.
        kw_only: The constructor takes them by name only.
    """

    def made(kind: type[T]) -> type[T]:
        """Build the class anew, for Python reserves slots only when it makes a class."""
        names = tuple(kind.__annotations__)
        body = {
            name: value
            for name, value in vars(kind).items()
            if name not in ("__dict__", "__weakref__")
        }
        fields = {name: _given(body.pop(name, MISSING)) for name in names}
        body.update(
            __slots__=names,
            __match_args__=() if kw_only else names,
            __record_fields__=fields,
            __record_key__=attrgetter(*(name for name in names if fields[name].compare)),
            __record_options__={"frozen": frozen, "kw_only": kw_only},
            __init__=LateConstructor(_constructor),
            __replace__=replace,
            __dataclass_fields__=Late(_fields_of_dataclass),
            __dataclass_params__=Late(_params_of_dataclass),
        )
        if frozen:
            body.update(_FROZEN)
        this: Any = kind
        again: type[T] = type(this)(kind.__name__, kind.__bases__, body)
        return again

    return made


def replace(self: T, /, **changes: Any) -> T:
    """Return a copy of a record in which some fields differ."""
    for name in names_of(self):
        if name not in changes:
            changes[name] = getattr(self, name)
    return type(self)(**changes)


def fields_of(kind: Any) -> Mapping[str, Given]:
    """Return the fields of a record, or of its class, by name and in order."""
    fields: Mapping[str, Given] = kind.__record_fields__
    return fields


def key_of(record: Any) -> Any:
    """Return the fields by which a record is compared: a tuple, or the one that there is."""
    return record.__record_key__(record)


def names_of(kind: Any) -> Collection[str]:
    """Return the names of all fields of a record, or of its class, which may be a derived one."""
    this: Any = kind if isinstance(kind, type) else type(kind)
    if "__record_fields__" in vars(this):
        return fields_of(kind)
    from dataclasses import fields  # It may be a dataclass, and have more of them.

    return [each.name for each in fields(kind)]


def _given(default: Any) -> Given:
    """Return the definition of a field, of which the body of the class has said this."""
    if isinstance(default, Given):
        return default
    return Given(default, MISSING, repr=True, compare=True)


class Late:
    """An attribute of a class that is made when it is first asked for, and stays there."""

    __slots__ = ("_make", "_name", "_owner")

    def __init__(self, make: Callable[[type], Any]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, instance: object, kind: type | None = None) -> Any:
        made = self._make(self._owner)
        setattr(self._owner, self._name, made)
        return made.__get__(instance, kind) if hasattr(made, "__get__") else made


class LateConstructor(Late):
    """The constructor of a record, which is compiled when it is called for the second time."""

    __slots__ = ("_called",)

    def __init__(self, make: Callable[[type], Any]) -> None:
        super().__init__(make)
        self._called = False

    def __get__(self, instance: object, kind: type | None = None) -> Any:
        if instance is None or self._called:
            return super().__get__(instance, kind)
        self._called = True
        return partial(self._make_first, instance)

    def _make_first(self, instance: Any, /, *arguments: Any, **named: Any) -> None:
        """Set the fields of the first record; what does not fit is for the real one to refuse."""
        owner: Any = self._owner
        fields, options = fields_of(owner), owner.__record_options__
        values = dict(zip(fields, arguments, strict=False)) | named
        fits = len(values) == len(arguments) + len(named) and values.keys() <= fields.keys()
        for name, given in fields.items():
            if values.get(name, MISSING) is MISSING:
                values[name] = given.default if given.factory is MISSING else given.factory()
                fits = fits and values[name] is not MISSING
        if not fits or (arguments and options["kw_only"]):
            self.__get__(instance)(*arguments, **named)
            return
        set_field = object.__setattr__ if options["frozen"] else setattr
        for name in fields:
            set_field(instance, name, values[name])
        if hasattr(owner, "__post_init__"):
            instance.__post_init__()


def compiled(
    kind: Any, name: str, parameters: Iterable[str], steps: Iterable[str], known: Mapping[str, Any]
) -> Any:
    """Compile a method that makes an instance, from the names of its fields.

    Args:
        kind: The class.
        name: The name of the method.
        parameters: Its parameters, without their defaults.
        steps: Its statements.
        known: What they name besides the parameters.
    """
    text = (
        f"def make({', '.join(known)}):\n"
        f"    def {name}({', '.join(parameters)}):\n        "
        + "\n        ".join(steps)
        + f"\n    return {name}\n"
    )
    made: dict[str, Any] = {}
    exec(text, vars(import_module(kind.__module__)), made)  # noqa: S102  # It has names alone.
    method = made["make"](**known)
    method.__qualname__ = f"{kind.__qualname__}.{name}"
    method.__annotations__ = dict(kind.__annotations__)
    return method


def _constructor(kind: Any) -> Any:
    """Compile the constructor of a record: a function that takes its fields and sets each."""
    frozen, kw_only = kind.__record_options__["frozen"], kind.__record_options__["kw_only"]
    steps: list[str] = []
    known: dict[str, Any] = {"MISSING": MISSING, "set_field": object.__setattr__}
    defaults: dict[str, Any] = {}
    for name, given in fields_of(kind).items():
        value = name
        if given.factory is not MISSING:
            known[f"make_{name}"] = given.factory
            value = f"make_{name}() if {name} is MISSING else {name}"
        if given.factory is not MISSING or given.default is not MISSING:
            defaults[name] = given.default
        steps.append(f"set_field(self, '{name}', {value})" if frozen else f"self.{name} = {value}")
    if hasattr(kind, "__post_init__"):
        steps.append("self.__post_init__()")
    parameters = ["self", *(("*",) if kw_only else ()), *fields_of(kind)]
    made = compiled(kind, "__init__", parameters, steps, known)
    if kw_only:
        made.__kwdefaults__ = defaults
    else:
        made.__defaults__ = tuple(defaults.values())
    made.__annotations__["return"] = None
    return made


def _fields_of_dataclass(kind: Any) -> Any:
    """Return what ``dataclasses`` calls the fields of the record."""
    return _dataclass(kind).__dataclass_fields__


def _params_of_dataclass(kind: Any) -> Any:
    """Return the options with which ``dataclasses`` would have made the record."""
    return _dataclass(kind).__dataclass_params__


def _dataclass(kind: Any) -> Any:
    """Return a dataclass of the same fields, for what ``dataclasses`` knows of its own."""
    import dataclasses  # It takes long to load, and few programs ask.

    fields: list[Any] = []
    for name, given in fields_of(kind).items():
        defaults: Any = {"default": given.default, "default_factory": given.factory}
        defaults = {which: value for which, value in defaults.items() if value is not MISSING}
        known = dataclasses.field(repr=given.repr, compare=given.compare, **defaults)
        fields.append((name, kind.__annotations__[name], known))
    return dataclasses.make_dataclass(kind.__name__, fields, slots=True, **kind.__record_options__)


def _set(self: Any, name: str, value: object) -> None:
    """Refuse to set a field; a class that is derived may have attributes besides."""
    _refuse(self, name, "assign to")
    object.__setattr__(self, name, value)


def _delete(self: Any, name: str) -> None:
    _refuse(self, name, "delete")
    object.__delattr__(self, name)


def _refuse(self: object, name: str, verb: str) -> None:
    if name in fields_of(self) or "__record_fields__" in vars(type(self)):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot {verb} field {name!r}")


def _state(self: Any) -> list[Any]:
    """Return what pickles and copies keep of a frozen record."""
    return [getattr(self, name) for name in names_of(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for name, value in zip(names_of(self), state, strict=True):
        object.__setattr__(self, name, value)


_FROZEN: Final[Mapping[str, Any]] = {
    "__setattr__": _set,
    "__delattr__": _delete,
    "__getstate__": _state,
    "__setstate__": _restore,
}
