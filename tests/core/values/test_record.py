"""Classes of fields do what those of ``dataclasses`` do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any, ClassVar

import pytest

from sojourn_core.values import record

KINDS = {"ours": record, "standard": dataclasses}


def made_by(kind: Any) -> dict[str, Any]:
    """Classes of every sort, made by one of the two modules."""
    dataclass, field = kind.dataclass, kind.field

    @dataclass(slots=True)
    class Open:
        """Open."""

        a: int
        b: str = "b"
        shared: ClassVar[int] = 7
        c: list[int] = field(default_factory=list)
        secret: str = field(default="", repr=False)

        def both(self) -> str:
            return f"{self.a}{self.b}"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Frozen:
        """Frozen."""

        a: int
        b: int = field(default=0, compare=False)
        log: list[int] = field(default_factory=list, compare=False, repr=False)

        def __post_init__(self) -> None:
            self.log.append(self.a)

    @dataclass(frozen=True, slots=True)
    class Base:
        """Base."""

        a: int = 1

    @dataclass(frozen=True, slots=True)
    class Derived(Base):
        """Derived."""

        b: int = 2

    @dataclass(slots=True, eq=False)
    class Itself:
        """Itself."""

        a: int

    @dataclass(frozen=True, slots=True, repr=False)
    class Quiet:
        """Quiet."""

        a: int

        def __repr__(self) -> str:
            return "Quiet()"

    @dataclass(slots=True)
    class Empty:
        """Empty."""

    return dict(locals())


@pytest.fixture(params=KINDS)
def c(request: pytest.FixtureRequest) -> Any:
    """The classes, by one of the modules."""
    return type("classes", (), made_by(KINDS[request.param]))


def test_making(c: Any) -> None:
    made = c.Open(1)
    assert (made.a, made.b, made.c, made.secret, made.shared) == (1, "b", [], "", 7)
    assert c.Open(1).c is not made.c
    assert c.Open(1, "x", [2], "s").c == [2]
    assert made.both() == "1b"
    assert c.Frozen(a=3).log == [3]
    assert (c.Derived().a, c.Derived(5, 6).b) == (1, 6)
    for wrong in (c.Open, lambda: c.Frozen(1), lambda: c.Open(1, d=1)):
        with pytest.raises(TypeError):
            wrong()


def test_being_shown(c: Any) -> None:
    here = "made_by.<locals>."
    assert repr(c.Open(1, secret="x")) == f"{here}Open(a=1, b='b', c=[])"
    assert repr(c.Frozen(a=1)) == f"{here}Frozen(a=1, b=0)"
    assert repr(c.Derived()) == f"{here}Derived(a=1, b=2)"
    assert (repr(c.Quiet(1)), repr(c.Empty())) == ("Quiet()", f"{here}Empty()")


def test_being_compared(c: Any) -> None:
    assert c.Open(1) == c.Open(1) != c.Open(2)
    assert c.Open(1).__eq__(1) is NotImplemented
    assert c.Base(1) != c.Derived(1)
    assert c.Frozen(a=1, b=1) == c.Frozen(a=1, b=2)
    assert hash(c.Frozen(a=1, b=1)) == hash(c.Frozen(a=1, b=2)) != hash(c.Frozen(a=2))
    assert hash(c.Derived(1, 2)) == hash((1, 2))
    assert c.Open.__hash__ is None
    one = c.Itself(1)
    assert one == one != c.Itself(1)  # noqa: PLR0124
    assert c.Empty() == c.Empty()


def test_being_frozen(c: Any) -> None:
    made = c.Frozen(a=1)
    with pytest.raises(dataclasses.FrozenInstanceError, match=r"^cannot assign to field 'a'$"):
        made.a = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match=r"^cannot delete field 'a'$"):
        del made.a
    still = c.Open(1)
    still.a = 2
    assert still.a == 2
    with pytest.raises(AttributeError):
        still.other = 1


def test_what_is_told_of_the_class(c: Any) -> None:
    assert c.Open.__match_args__ == ("a", "b", "c", "secret")
    assert (c.Frozen.__match_args__, c.Derived.__match_args__) == ((), ("a", "b"))
    assert c.Derived.__slots__ == ("b",)
    assert not hasattr(c.Open(1), "__dict__")
    assert (c.Open.__doc__, c.Open.__name__, c.Open.__module__) == ("Open.", "Open", __name__)
    parameters = inspect.signature(c.Open).parameters
    assert list(parameters) == ["a", "b", "c", "secret"]
    assert (parameters["a"].annotation, parameters["b"].default) == ("int", "b")
    assert [each.kind for each in inspect.signature(c.Frozen).parameters.values()] == [
        inspect.Parameter.KEYWORD_ONLY
    ] * 3


def test_the_functions_of_the_standard_library(c: Any) -> None:
    assert dataclasses.is_dataclass(c.Open)
    fields = dataclasses.fields(c.Open(1))
    assert [field.name for field in fields] == ["a", "b", "c", "secret"]
    assert [field.type for field in fields][:2] == ["int", "str"]
    assert [field.repr for field in fields] == [True, True, True, False]
    assert fields[1].default == "b"
    assert fields[2].default_factory is list
    assert [field.name for field in dataclasses.fields(c.Derived)] == ["a", "b"]
    assert dataclasses.asdict(c.Open(1)) == {"a": 1, "b": "b", "c": [], "secret": ""}
    assert dataclasses.replace(c.Derived(), b=3) == c.Derived(1, 3)

    @dataclasses.dataclass(frozen=True)
    class Further(c.Derived):
        d: int = 4

    assert (Further(a=1, b=2), Further().d) == (Further(), 4)


def test_a_subclass_with_an_init_of_its_own(c: Any) -> None:
    class Own(c.Base):
        def __init__(self) -> None:
            super().__init__(9)

    assert (Own().a, c.Base().a) == (9, 1)


def test_replacing() -> None:
    made = made_by(record)
    assert record.replace(made["Derived"](), a=5) == made["Derived"](5, 2)
    assert record.replace(made["Frozen"](a=1), a=2).log == [1, 2]


def test_copies(c: Any) -> None:
    for each in (c.Open(1, c=[1]), c.Derived(3, 4)):
        for other in (copy.copy(each), copy.deepcopy(each)):
            assert other == each
            assert other is not each


@record.dataclass(frozen=True, slots=True)
class Travels:
    """A class that pickle finds."""

    a: int
    b: tuple[int, ...] = ()


def test_pickles() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(Travels(1, (2,)), protocol)) == Travels(1, (2,))
