"""sentry-sdk: its integration of ``http.client`` sees the requests of a session."""

from __future__ import annotations

from typing import Any

import requests
import sentry_sdk
from sentry_sdk.transport import Transport

from . import below

LIBRARIES = ()


class Kept(Transport):
    """Keeps what would go to the service."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Any) -> None:
        for item in envelope.items:
            if item.payload.json is not None:
                self.events.append(item.payload.json)


def watched(url: str) -> Any:
    """The spans of a transaction, the fields that carry it on, and the crumbs of an error."""
    below.prepare()
    kept = Kept()
    sentry_sdk.init(
        dsn="http://key@127.0.0.1:1/1",
        transport=kept,
        traces_sample_rate=1.0,
        auto_session_tracking=False,
        server_name="here",
    )
    with sentry_sdk.start_transaction(name="work") as transaction, requests.Session() as session:
        answer = session.get(f"{url}/redirect")
        session.post(f"{url}/posted", data=b"text")
        carried = answer.json()["fields"]["sentry-trace"].startswith(transaction.trace_id)
    sentry_sdk.capture_message("over")
    sentry_sdk.get_client().close()
    work = next(each for each in kept.events if each.get("type") == "transaction")
    over = next(each for each in kept.events if each.get("message") == "over")
    spans = [
        [
            span["op"],
            span["description"].replace(url, "URL"),
            span["data"]["http.response.status_code"],
        ]
        for span in work["spans"]
    ]
    crumbs = [
        [crumb["category"], crumb["data"]["url"].replace(url, "URL"), crumb["data"]["http.method"]]
        for crumb in over["breadcrumbs"]["values"]
    ]
    return [spans, carried, crumbs]
