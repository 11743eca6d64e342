"""The pages of the public surface have every public name once, as its docstring says it."""

from __future__ import annotations

import inspect

import pytest

import sojourn_core
from sojourn import machine
from sojourn_core import commands, cookies, errors

from . import surfaces
from .policies import replaced


@pytest.mark.parametrize("table", surfaces.TABLES)
def test_a_page_has_the_table_of_today(table: str) -> None:
    page = surfaces.TABLES[table][0]
    text = page.read_text(encoding="utf-8")
    assert replaced(text, table, surfaces.table_of(table)) == text, (
        "run python -m tests.docs.surfaces"
    )


@pytest.mark.parametrize("module", [sojourn_core, commands, cookies, errors, machine])
def test_each_public_name_has_one_row(module: object) -> None:
    listed = [
        name
        for table, (_, each, _) in surfaces.TABLES.items()
        if each is module
        for name in surfaces.names_of(table)
    ]
    assert sorted(listed) == sorted(set(module.__all__))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sojourn_core.__all__)
def test_each_name_says_what_it_is(name: str) -> None:
    assert surfaces.sentence(sojourn_core, name)


@pytest.mark.parametrize("name", machine.__all__)
def test_each_function_of_the_machine_says_what_it_takes(name: str) -> None:
    function = getattr(machine, name)
    if inspect.isfunction(function) and name not in ("read_environment", "read_netrc"):
        said = inspect.getdoc(function) or ""
        parameters = [*inspect.signature(function).parameters]
        assert all(f"{each}:" in said for each in parameters if len(parameters) > 2), name
