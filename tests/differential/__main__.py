"""``python -m tests.differential NAME...``: the outcomes of cases, client by client.

Without a name, one line for each case: which clients do otherwise, and ``*`` where that is known.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from pprint import pformat

from tests.differential import cases
from tests.differential.model import CASES, CLIENTS
from tests.differential.run import Theatre
from tests.servers.authority import Authority


def show(theatre: Theatre, name: str) -> None:
    """Print all outcomes of a case, and where they differ."""
    for client in CLIENTS:
        outcome = theatre.outcome(name, client)
        print(f"--- {name} with {client}")
        for seen in outcome.seen:
            print(f"  {seen['place']}  {seen['line']}  {seen['content']!r:.200}")
            for field_name, value in seen["fields"]:
                print(f"      {field_name}: {value}")
        print("  got:" if outcome.error is None else f"  raised: {outcome.error}: {outcome.told}")
        if outcome.error is None:
            print("    " + pformat(outcome.got, width=100).replace("\n", "\n    "))
        if client != "requests":
            for line in theatre.differences(name, client):
                print(f"  DIFFERS {line}")


def summarise(theatre: Theatre) -> None:
    """Print who does otherwise, for each case."""
    for name, case in CASES.items():
        marks = []
        for client in CLIENTS[1:]:
            known = "*" if client in case.differs else ""
            if theatre.differences(name, client) or known:
                marks.append(client + known)
        print(f"{name:50} {' '.join(case.rows):20} {' '.join(marks)}")


def main(names: list[str]) -> None:
    """Run."""
    print(f"{len(CASES)} cases in {len(cases.TOPICS)} topics")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        theatre = Theatre(Authority(place), place)
        try:
            for name in names:
                for each in CASES if name.endswith("*") else [name]:
                    if each.startswith(name.rstrip("*")):
                        show(theatre, each)
            if not names:
                summarise(theatre)
        finally:
            theatre.close()


main(sys.argv[1:])
