"""Records of deletions, and the order of two changes.

A cookie that is gone leaves a record of when, or a jar that is merged with an older copy would have
it back. There are only so many records: the one made first is dropped first, and a deletion that no
jar has a record of has not been.

A change is as late as the time it was made at, in seconds since 1970. Changes of one cookie at the
same time, or while the clock goes back, are counted by ``revision``, so that in one jar each is
later than the one before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sojourn_core.values.record import record
from sojourn_core.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .cookie import Cookie, Place


@record(frozen=True, kw_only=True)
class Deletion(Value):
    """A record that a cookie was deleted, or has ended.

    Attributes:
        name: Of the cookie, as are the next three.
        domain: Canonical, without a leading dot.
        host_only: The cookie went to that host alone.
        path: Starts with ``/``.
        changed: The time of the deletion, in seconds since 1970; for a cookie that has ended, the
            time it was set.
        revision: Counts the changes of one time.
    """

    name: str
    domain: str = ""
    host_only: bool = False
    path: str = "/"
    changed: float = 0.0
    revision: int = 0

    @property
    def place(self) -> Place:
        """The parts that tell cookies of a jar apart."""
        return self.domain, self.name, self.host_only, self.path


def deletion_of(place: Place, changed: float, revision: int) -> Deletion:
    """Build the record that the cookie of a place is deleted."""
    domain, name, host_only, path = place
    return Deletion(
        name=name,
        domain=domain,
        host_only=host_only,
        path=path,
        changed=changed,
        revision=revision,
    )


def next_version(known: Cookie | Deletion | None, now: float) -> tuple[float, int]:
    """Return time and revision of a change: later than what is ``known`` of its place."""
    if known is None or now > known.changed:
        return now, 0
    return known.changed, known.revision + 1


class Deletions:
    """The records of one jar, one for each place at most, and none where a cookie is.

    Args:
        most: How many are kept.
        records: To begin with; if they are too many they are all kept until the next is made.
    """

    __slots__ = ("_records", "most")

    def __init__(self, most: int, records: Iterable[Deletion] = ()) -> None:
        self.most = most
        self._records = {record.place: record for record in records}

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Deletion]:
        return iter(list(self._records.values()))

    def find(self, place: Place) -> Deletion | None:
        """Return the record for a place; None if there is none."""
        return self._records.get(place)

    def add(self, record: Deletion) -> None:
        """Keep a record as the last one; the first are dropped if there are too many."""
        self._records.pop(record.place, None)
        self._records[record.place] = record
        self.trim()

    def trim(self) -> None:
        """Drop records until there are not too many, those made first before all."""
        while len(self._records) > self.most:
            del self._records[next(iter(self._records))]

    def discard(self, place: Place) -> None:
        """Drop the record for a place, if there is one."""
        self._records.pop(place, None)
