"""The common session of both bindings: environment, entropy, and jars of other kinds."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from sojourn.local.environment import read_environment
from sojourn.local.public_suffixes import is_public_suffix
from sojourn_core.messages.preparation import Preparation
from sojourn_core.messages.request import PreparedRequest as CorePreparedRequest
from sojourn_core.messages.request import Request as CoreRequest
from sojourn_core.rules.cookies import CookieJar
from sojourn_core.session.cookie_store import COOKIE_KEEPING
from sojourn_core.session.session import no_data

from .calls import Calls

if TYPE_CHECKING:
    from sojourn_core.exchange.ledger import PoolCounts
    from sojourn_core.exchange.pool import Pool
    from sojourn_core.session.cookie_store import CookieKeeping


if TYPE_CHECKING:  # To type checkers they are the core's: an override may name either.
    PreparedRequest = CorePreparedRequest
    Request = CoreRequest
else:

    class PreparedRequest(CorePreparedRequest):
        """A request that is ready to be sent; it has entropy without a session too."""

        preparation = Preparation(entropy=os.urandom)

    class Request(CoreRequest):
        """A request as a caller describes it; see the core's class for the arguments."""

        prepared_class = PreparedRequest


class LocalSession(Calls):
    """The core's session on a machine: with its environment, and its standard library's jars."""

    request_class: type[CorePreparedRequest] = PreparedRequest
    jar_wall = staticmethod(time.time)
    read_environment = staticmethod(read_environment)  # pyright: ignore[reportAssignmentType] - no self

    def __init__(self, **settings: Any) -> None:
        super().__init__(entropy=os.urandom, **settings)

    def new_jar(self) -> Any:
        """Return an empty jar of the kind that the policy says, with the list of suffixes."""
        if self.policy.cookie_rules == "netscape":
            from sojourn.local.netscape_jar import RequestsCookieJar

            return RequestsCookieJar()
        return CookieJar(limits=self.limits, is_public_suffix=is_public_suffix)

    @property
    def connections(self) -> PoolCounts:
        """The connections of its transports: in use, idle, and requests that wait for one.

        A transport of the user's own counts as far as it has a ``pool``.
        """
        from sojourn_core.exchange.ledger import PoolCounts  # Few ask.

        pools = {id(each): each for each in map(_pool_of, self.adapters.values()) if each}
        counts = [each.counts for each in pools.values()]
        return PoolCounts(*(sum(column) for column in zip((0, 0, 0), *counts, strict=True)))

    def _check_state(self, state: dict[str, Any]) -> None:
        from .state import has_form_as_data  # Few sessions travel.

        for name, value in state.items():
            if not has_form_as_data(value):
                raise TypeError(no_data(name, value))

    def keeping_of(self, jar: Any) -> CookieKeeping:
        """Return the rules of a jar: RFC 6265bis, or those of ``http.cookiejar`` for its own."""
        if isinstance(jar, CookieJar):
            return COOKIE_KEEPING
        from sojourn.local.standard_jars import (
            STANDARD_KEEPING,  # http.cookiejar costs much to load.
        )

        return STANDARD_KEEPING


def _pool_of(adapter: object) -> Pool | None:
    pool = getattr(adapter, "pool", None)
    return pool if hasattr(pool, "counts") else None
