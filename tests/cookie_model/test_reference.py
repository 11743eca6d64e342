"""The reference against the vectors that the jar is held against too: all cases of all files.

It takes the clock, the limits and the public suffixes from each case.
"""

from __future__ import annotations

from typing import Any

import pytest

from sojourn_core.values.url.url import parse_url
from tests.vectors.cookie_cases import START
from tests.vectors.runner import cases

from .reference import ReferenceJar, Rules, parse_date

FILES = ("cookies/dates.json", "cookies/http_state.json", "cookies/rfc6265bis.json")


@pytest.mark.parametrize(
    ("file", "case"),
    [pytest.param(file, case, id=case["name"]) for file in FILES for case in cases(file)],
)
def test_the_reference_meets_each_case(file: str, case: dict[str, Any]) -> None:
    match file:
        case "cookies/dates.json":
            assert parse_date(case["date"]) == case["expected"]
        case "cookies/http_state.json":
            check_a_response_and_a_request(case)
        case _:
            check_responses_and_requests(case)


def check_a_response_and_a_request(case: dict[str, Any]) -> None:
    jar = ReferenceJar(Rules(frozenset(case["public_suffixes"]).__contains__))
    jar.store(case["set_cookie"], parse_url(case["request_url"]), case["now"])
    field = jar.cookie_field(parse_url(case["request2_url"]), case["now"])
    if not case.get("disabled_upstream"):
        assert field == case.get("rfc6265bis_cookie_header", case["expected_cookie_header"])


def check_responses_and_requests(case: dict[str, Any]) -> None:
    rules = Rules(frozenset(case.get("public_suffixes", ())).__contains__)
    jar = ReferenceJar(
        rules._replace(
            per_domain_max=case.get("max_per_domain", rules.per_domain_max),
            total_max=case.get("max_total", rules.total_max),
        )
    )
    now = START
    for step in case["steps"]:
        now = step.get("at", now)
        context = {key: step[key] for key in ("same_site", "top_level") if key in step}
        if step["op"] == "set":
            jar.store([step["header"]], parse_url(step["url"]), now, **context)
        elif step["op"] == "set_many":
            store_many(jar, step, now)
        else:
            assert step["op"] == "get"
            found = jar.retrieve(
                parse_url(step["url"]), now, **context, method=step.get("method", "GET")
            )
            pairs = [f"{kept.name}={kept.value}" if kept.name else kept.value for kept in found]
            assert ("; ".join(pairs) or None) == step["expect"]


def store_many(jar: ReferenceJar, step: dict[str, Any], now: float) -> None:
    """One response for each j and i, from the first to the last that the step names."""
    for j in range(step["j"][0], step["j"][1] + 1):
        for i in range(step["i"][0], step["i"][1] + 1):
            url, line = (
                step[key].replace("{i}", str(i)).replace("{j}", str(j)) for key in ("url", "header")
            )
            jar.store([line], parse_url(url), now)
