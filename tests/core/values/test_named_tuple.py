"""Named tuples are those of ``typing``, but that nobody compiles their annotations."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing

import pytest

from sojourn_core.values.named_tuple import NamedTuple


class Ours(NamedTuple):
    """A pair."""

    left: int
    right: tuple[int, ...] = ()

    @property
    def both(self) -> int:
        """The sum of all."""
        return self.left + sum(self.right)


class Theirs(typing.NamedTuple):
    """A pair."""

    left: int
    right: tuple[int, ...] = ()

    @property
    def both(self) -> int:
        """The sum of all."""
        return self.left + sum(self.right)


def test_it_is_a_tuple_with_names() -> None:
    made = Ours(1, right=(2, 3))
    assert made == (1, (2, 3)) == Theirs(1, (2, 3))
    assert hash(made) == hash(Theirs(1, (2, 3)))
    assert repr(made) == repr(Theirs(1, (2, 3))).replace("Theirs", "Ours")
    assert made.both == 6
    assert made._replace(left=2) == Ours(2, (2, 3))
    assert Ours(1) == (1, ())
    assert not hasattr(made, "__dict__")
    with pytest.raises(AttributeError):
        made.left = 2  # type: ignore[misc]  # That is what is refused.
    with pytest.raises(TypeError):
        Ours()  # type: ignore[call-arg]


def test_it_is_described_as_theirs_is() -> None:
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs)
    assert list(inspect.signature(Ours).parameters) == ["left", "right"]
    assert (Ours.__doc__, Ours.__module__, Ours.__qualname__) == ("A pair.", __name__, "Ours")
    assert Ours.__match_args__ == Theirs.__match_args__


def test_it_travels() -> None:
    made = Ours(1, (2,))
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made
    assert type(pickle.loads(pickle.dumps(made))) is Ours
