"""A small client of a JSON interface, with a class for what it gives."""

from dataclasses import dataclass
from typing import Any

import sojourn


@dataclass
class Item:
    name: str
    cups: int


class Shop:
    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.session = sojourn.Session(timeout=5.0)
        self.session.headers.update({"Accept": "application/json"})

    def items(self) -> list[Item]:
        found: list[dict[str, Any]] = self.session.get(f"{self.base}/items").json()
        return [Item(each["name"], each["cups"]) for each in found]

    def add(self, item: Item) -> str:
        response = self.session.post(
            f"{self.base}/items", json={"name": item.name, "cups": item.cups}
        )
        response.raise_for_status()
        return response.headers.get("Location", "")

    def rename(self, number: int, names: list[str]) -> bool:
        return self.session.patch(f"{self.base}/items/{number}", json={"names": names}).ok

    def close(self) -> None:
        self.session.close()
