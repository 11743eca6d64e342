"""Each binding before servers that nobody here wrote, over HTTP and HTTPS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.bindings.clients import EVERY_BINDING
from tests.conftest import need_program

from .cases import CASES, Case
from .table import SERVERS
from .trying import serving, try_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.authority import Authority

    from .trying import Served

SERVED: Final = [(each, scheme) for each in SERVERS if each.always for scheme in each.schemes]


@pytest.fixture(
    scope="module", params=SERVED, ids=[f"{each.name}-{scheme}" for each, scheme in SERVED]
)
def served(request: pytest.FixtureRequest, ca: Authority, origin: int) -> Iterator[Served]:
    """Each server, and each scheme that it speaks."""
    server, scheme = request.param
    need_program(server.name, server.name if server.is_there() else None)
    with serving(server, scheme, ca, origin) as running:
        yield running


@pytest.mark.parametrize("binding_name", EVERY_BINDING)
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(served: Served, case: Case, binding_name: str) -> None:
    if case.name in served.server.cannot:
        pytest.skip(served.server.cannot[case.name])
    try_server(served, case, binding_name)
