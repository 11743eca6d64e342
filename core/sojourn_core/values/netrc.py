"""Credentials by host, as a netrc file has them. A binding reads the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, repr=False)
class Netrc:
    """What a netrc file says, as a value.

    Attributes:
        machines: Login and password by host name. The login is the account where the file has no
            login. Names are kept in lower case and without the brackets of an IPv6 address; of two
            that differ in case alone, the one given in lower case counts.
        default: Login and password of the ``default`` entry, or None if there is none.
    """

    machines: Mapping[str, Entry] = field(default_factory=dict[str, Entry])
    default: Entry | None = None

    def __post_init__(self) -> None:
        kept: dict[str, Entry] = {}
        for name, entry in self.machines.items():
            known = _host(name)
            if known not in kept or known == name:
                kept[known] = entry
        object.__setattr__(self, "machines", kept)  # A copy: the caller's may change.

    def lookup(self, host: str) -> tuple[str, str] | None:
        """Login and password for a host, either of which may be empty; None if there are none.

        An entry without both says that the host has none: ``default`` is not asked for it, as in
        Requests.

        Args:
            host: As in ``URL``: without a port. Brackets around an IPv6 address are taken off.
        """
        entry = self.machines.get(_host(host), self.default)
        if entry is None:
            return None
        login, password = entry
        if not (login or password):
            return None
        return login or "", password or ""

    def __bool__(self) -> bool:
        """Whether it has any entry."""
        return bool(self.machines) or self.default is not None

    def __repr__(self) -> str:
        default = "" if self.default is None else " and a default"
        return f"<Netrc of {len(self.machines)} machines{default}>"


def _host(name: str) -> str:
    return name.lower().removeprefix("[").removesuffix("]")
