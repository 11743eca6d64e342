"""The pages that list every public name of the core, and of the machine, with a sentence for each.

    python -m tests.docs.surfaces

writes the tables anew into their pages, each between its two marks.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

import sojourn_core
from sojourn import machine
from sojourn_core import commands, cookies, errors

from .pages import TOP
from .policies import first_sentence, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType

BYTES: Final = TOP / "docs" / "surface-bytes.md"
MESSAGES: Final = TOP / "docs" / "surface-messages.md"

# Constants and aliases have no docstring.
SAID: Final[Mapping[str, str]] = {
    "CALL_REPLIES": "The replies that fit each command of a call",
    "CallCommand": "Any command of a call",
    "DEFAULT_TIMEOUTS": "`Timeouts()`: the ones that count where nobody says anything",
    "DELIVER": "The verdict that a response is for the caller, for no particular reason",
    "DIRECT": "The route without a proxy",
    "EXCHANGE_REPLIES": "The replies that fit each command of an exchange",
    "ExchangeCommand": "Any command of an exchange",
    "HandedUp": "Any command of an exchange that is for its caller, but for `Fail`",
    "NO_TIMEOUTS": "Timeouts that wait for ever",
    "PRIVATE_NETWORKS": "Networks that are not of the internet, for `Policy.refused_networks`",
    "UNSET": "A timeout that was not given, where None is one",
    "__version__": "The version, as text",
}

_EXCHANGE_COMMANDS: Final = (
    "Wait",
    "Probe",
    "Resolve",
    "Connect",
    "Write",
    "WriteFile",
    "Read",
    "Pull",
    "Close",
    "Inform",
    "Head",
    "Content",
    "Switch",
    "Finish",
    "Fail",
    "Address",
    "HandedUp",
    "ExchangeCommand",
    "EXCHANGE_REPLIES",
)

# By the name of a table: its page, the module, and the names. None stands for all that no other
# table of the module has.
TABLES: Final[Mapping[str, tuple[Path, ModuleType, tuple[str, ...] | None]]] = {
    "transports": (
        BYTES,
        sojourn_core,
        (
            "Transport",
            "AsyncTransport",
            "drive",
            "drive_async",
            "carry_out",
            "carry_out_async",
            "Race",
        ),
    ),
    "exchanges": (
        BYTES,
        sojourn_core,
        ("Exchange", "ExchangePlan", "plan_exchange", "Phase", "Progress"),
    ),
    "pool": (
        BYTES,
        sojourn_core,
        ("Pool", "PoolLimits", "PoolKey", "Ticket", "Slot", "Connection", "Effects"),
    ),
    "byte values": (
        BYTES,
        sojourn_core,
        (
            "Limits",
            "Timeouts",
            "DEFAULT_TIMEOUTS",
            "NO_TIMEOUTS",
            "UNSET",
            "Route",
            "DIRECT",
            "Proxy",
            "SocketSettings",
        ),
    ),
    "byte commands": (BYTES, commands, _EXCHANGE_COMMANDS),
    "machine": (BYTES, machine, None),
    "message names": (MESSAGES, sojourn_core, None),
    "message commands": (MESSAGES, commands, None),
    "cookies": (MESSAGES, cookies, None),
    "errors": (MESSAGES, errors, None),
}


def names_of(table: str) -> tuple[str, ...]:
    """The names of a table."""
    _, module, names = TABLES[table]
    if names is not None:
        return names
    others = [each for _, other, each in TABLES.values() if other is module and each is not None]
    taken = {name for each in others for name in each}
    listed: list[str] = module.__all__
    return tuple(name for name in listed if name not in taken)


def sentence(module: ModuleType, name: str) -> str:
    """What a name is, in a sentence: of its docstring, or said above."""
    if name in SAID:
        return SAID[name]
    paragraph = (inspect.getdoc(getattr(module, name)) or "").partition("\n\n")[0]
    assert paragraph, f"{name} has no docstring"
    return first_sentence(" ".join(paragraph.split())).replace("|", "\\|")


def table_of(table: str) -> str:
    """A table: a row for each name."""
    module: Any = TABLES[table][1]
    rows = [f"| `{name}` | {sentence(module, name)} |" for name in names_of(table)]
    return "\n".join(["| name | what it is |", "|---|---|", *rows])


def main() -> None:
    """Write all tables anew."""
    for table, (page, _, _) in TABLES.items():
        write(page, table, table_of(table))


if __name__ == "__main__":
    main()
