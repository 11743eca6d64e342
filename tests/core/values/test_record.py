"""Records have what dataclasses have, and are dataclasses to whoever asks."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
import typing
from typing import Any, Final

import pytest

from sojourn_core import Cookie, Decision, Limits, Policy, PoolLimits, Timeouts, TLSInfo
from sojourn_core.values.record import field, record, replace
from sojourn_core.values.value import Shown, Value


@record()
class Place(Value):
    """A value with all that a field may have."""

    host: str
    port: int = 80
    tags: list[str] = field(default_factory=list[str])
    secret: str = field(default="", repr=False)
    seen: int = field(default=0, compare=False)


@dataclasses.dataclass(slots=True)
class Standard:
    """The same, by ``dataclasses``."""

    host: str
    port: int = 80
    tags: list[str] = dataclasses.field(default_factory=list)
    secret: str = dataclasses.field(default="", repr=False)
    seen: int = dataclasses.field(default=0, compare=False)


@record(frozen=True, kw_only=True)
class Fixed(Value):
    """A frozen value, which checks its fields."""

    low: int = 0
    high: int = 9

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")

    @property
    def span(self) -> int:
        """The distance between the two."""
        return self.high - self.low


@record()
class Holder(Shown):
    """A record that is equal to itself alone."""

    held: int


PUBLIC: Final = [
    Policy(),
    Limits(),
    Timeouts(),
    PoolLimits(),
    Cookie(name="a", value="b"),
    Decision("a.b", "c", "d"),
    TLSInfo(version="TLSv1.3", cipher="x"),
]


def test_a_record_is_shown_and_compared_as_a_dataclass_is() -> None:
    one, other = Place("h", 1, ["t"], "s", 5), Place("h", 1, ["t"], "s", 6)
    assert repr(one) == repr(Standard("h", 1, ["t"], "s", 5)).replace("Standard", "Place")
    assert one == other
    assert one != Place("h", 2, ["t"], "s", 5)
    assert one != Standard("h", 1, ["t"], "s", 5)
    assert hash(Fixed(low=1)) == hash(Fixed(low=1))
    assert Holder(1) != Holder(1)
    assert repr(Holder(1)) == "Holder(held=1)"


def test_the_constructor_is_a_function_of_the_fields() -> None:
    assert str(inspect.signature(Place)).replace("<factory>", "...") == (
        str(inspect.signature(Place.__init__)).replace("(self, ", "(")
    )
    assert list(inspect.signature(Place).parameters) == list(inspect.signature(Standard).parameters)
    kinds = {each.kind for each in inspect.signature(Fixed).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
    assert typing.get_type_hints(Place.__init__) == {
        **typing.get_type_hints(Place),
        "return": type(None),
    }
    assert Place.__init__.__qualname__ == "Place.__init__"
    with pytest.raises(TypeError, match="host"):
        Place()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="nothing"):
        Place("h", nothing=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="low is above"):
        Fixed(low=10)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), {}),
        (("h",), {}),
        ((), {"host": "h"}),
        (("h", 1, ["t"], "s", 5), {}),
        (("h", 1, ["t"], "s", 5, 6), {}),
        (("h",), {"host": "i"}),
        (("h",), {"seen": 3, "tags": []}),
        (("h",), {"nothing": 1}),
    ],
)
@pytest.mark.parametrize("kw_only", [False, True])
@pytest.mark.parametrize("frozen", [False, True])
def test_the_first_record_is_made_as_all_others_are(
    arguments: tuple[Any, ...], named: dict[str, Any], *, kw_only: bool, frozen: bool
) -> None:
    class Place(Value):
        host: str
        port: int = 80
        tags: list[str] = field(default_factory=list[str])
        secret: str = field(default="", repr=False)
        seen: int = field(default=0, compare=False)

        def __post_init__(self) -> None:
            checked.append(self.seen)

    checked: list[int] = []
    kind: Any = record(frozen=frozen, kw_only=kw_only)(Place)
    said: list[Any] = []
    for _ in range(3):
        try:
            made = kind(*arguments, **named)
        except TypeError as error:
            said.append(str(error))
        else:
            said.append(tuple(getattr(made, name) for name in kind.__annotations__))
    assert said[0] == said[1] == said[2]
    made_all = isinstance(said[0], tuple)
    assert len(checked) == (3 if made_all else 0)
    assert not made_all or said[0][2] == said[1][2]


def test_a_default_is_made_anew_for_each() -> None:
    one, other = Place("h"), Place("h")
    one.tags.append("x")
    assert other.tags == []
    assert not hasattr(one, "__dict__")


def test_fields_of_a_frozen_record_cannot_be_set() -> None:
    fixed: Any = Fixed()
    for name in ("low", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"assign to field '{name}'"):
            setattr(fixed, name, 3)
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"delete field '{name}'"):
            delattr(fixed, name)
    assert fixed == Fixed(low=0, high=9)


@pytest.mark.parametrize("value", [Place("h", tags=["t"]), Fixed(high=3), *PUBLIC], ids=repr)
def test_what_the_standard_library_does_with_a_dataclass(value: Any) -> None:
    kind = type(value)
    assert dataclasses.is_dataclass(value)
    assert dataclasses.is_dataclass(kind)
    names = [each.name for each in dataclasses.fields(kind)]
    assert names == [each.name for each in dataclasses.fields(value)] == list(kind.__annotations__)
    assert set(dataclasses.asdict(value)) == set(names)
    assert dataclasses.replace(value) == replace(value) == value
    assert copy.copy(value) == copy.deepcopy(value) == value
    if sys.version_info >= (3, 13):
        assert copy.replace(value) == value
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value


def test_fields_keep_their_definitions() -> None:
    told = {each.name: each for each in dataclasses.fields(Place)}
    standard = {each.name: each for each in dataclasses.fields(Standard)}
    for name, each in told.items():
        same = standard[name]
        assert (each.repr, each.compare, each.init) == (same.repr, same.compare, same.init)
        assert each.default == same.default
        assert each.kw_only is same.kw_only
    assert told["tags"].default_factory is not dataclasses.MISSING
    assert all(each.kw_only for each in dataclasses.fields(Fixed))


def test_replace_changes_what_it_is_told() -> None:
    assert replace(Fixed(low=1), high=5) == Fixed(low=1, high=5)
    assert dataclasses.replace(Fixed(low=1), high=5) == Fixed(low=1, high=5)
    with pytest.raises(ValueError, match="low is above"):
        replace(Fixed(), low=10)
    with pytest.raises(TypeError, match="nothing"):
        replace(Fixed(), nothing=1)


def test_patterns_match_by_position() -> None:
    match Place("h", 5):
        case Place(host, port):
            assert (host, port) == ("h", 5)
    assert Fixed.__match_args__ == Policy.__match_args__ == ()


def test_a_dataclass_may_be_derived() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class More(Fixed):
        more: str = "m"

    made = More(low=2, more="x")
    assert [each.name for each in dataclasses.fields(made)] == ["low", "high", "more"]
    assert made.span == 7
    assert replace(made, high=3) == More(low=2, high=3, more="x")
    assert copy.copy(made) == made
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.low = 1  # type: ignore[misc]


def test_a_class_may_be_derived_that_has_attributes_besides() -> None:
    class Named(Fixed):
        def __init__(self, name: str, **fields: int) -> None:
            super().__init__(**fields)
            self.name = name

    made: Any = Named("n", high=4)
    assert (made.name, made.span) == ("n", 4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.high = 5
