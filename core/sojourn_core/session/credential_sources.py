"""The places that credentials come from: as a policy orders them, and as a decision names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from sojourn_core.values.decision import Decision

CredentialSource: TypeAlias = Literal["request", "session", "url", "netrc"]

COME_FROM: Final = "credentials come from "
CREDENTIAL_SOURCES: Final = {
    "request": "the request",
    "session": "the session",
    "url": "the user info of the URL",
    "netrc": "netrc",
}


def source_of_credentials(decision: Decision) -> CredentialSource | None:
    """Return the source of the credentials that a decision tells of; None if it tells of none."""
    for source, named in CREDENTIAL_SOURCES.items():
        if decision.code == "auth.added" and decision.reason == COME_FROM + named:
            return cast("CredentialSource", source)
    return None
