"""Each binding through proxies that nobody here wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.bindings.clients import EVERY_BINDING
from tests.conftest import need_program

from .proxy_cases import CASES, Case
from .table import PROXIES
from .trying import proxying, try_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority

    from .trying import Proxied

ALWAYS: Final = [each for each in PROXIES if each.always]


@pytest.fixture(
    scope="module", params=ALWAYS, ids=[f"{each.name}-{each.scheme}" for each in ALWAYS]
)
def proxied(
    request: pytest.FixtureRequest, ca: Authority, origin: int, secure_origin: int
) -> Iterator[Proxied]:
    """Each proxy, for everybody and for those who have its password."""
    proxy = request.param
    need_program(proxy.name, proxy.name if proxy.is_there() else None)
    with proxying(proxy, ca, origin, secure_origin) as running:
        yield running


@pytest.mark.parametrize("binding_name", EVERY_BINDING)
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(proxied: Proxied, case: Case, binding_name: str) -> None:
    try_proxy(proxied, case, binding_name)
