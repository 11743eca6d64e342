"""Redirect rules of one's own, tried out without a network.

    python docs/examples/redirect_policy.py

A policy is a value, so one rule can be changed and the rest kept; a session is a class, so a hop
can be refused before anything is sent. Either way the core says what the next request would be.
"""

from sojourn_core import (
    Fields,
    Limits,
    Policy,
    Request,
    RequestException,
    Response,
    ResponseHead,
    Session,
    commands,
    parse_url,
    resolve_location,
)

# Fetch rewrites less than Requests does; and our own tracing field may go anywhere.
FETCH = Policy.browser()
TRACED = Policy(cross_origin_fields=Policy().cross_origin_fields | {"x-trace"})


class InternalOnly(Session):
    """Follows redirects within one domain, and hands every other one over as it is."""

    def get_redirect_target(self, resp):
        location = super().get_redirect_target(resp)
        if location is None:
            return None
        try:
            target = resolve_location(parse_url(resp.url), location)
        except RequestException:  # The core refuses it, and says why.
            return location
        return location if f".{target.host}".endswith(".corp.test") else None


def next_request(session, request, status, location):
    """What a session would send after a redirect, or what it would do instead."""
    call = session.call(request)
    sent = call.start(now=0.0)
    head = ResponseHead(status, Fields([("Location", location)]))
    response = Response(head, sent.request, Limits())
    command = call.answered(response, now=0.1)
    if isinstance(command, commands.Discard):
        command = call.discarded(now=0.1)
    match command:
        case commands.Send(request=request):
            return f"{request.method} {request.url} {sorted(request.headers.by_name())}"
        case commands.Deliver(response=response):
            return f"the {response.status_code} is handed over"
        case commands.Fail(error=RequestException() as error):
            return f"{type(error).__name__}: {error}"


def main():
    order = Request(
        "PUT",
        "https://shop.corp.test/orders/1",
        headers={"X-Trace": "7", "X-Secret": "s"},
        data=b"tea",
    )
    elsewhere = "https://cdn.test/orders/1"
    for name, session, location in (
        ("the default", Session(), elsewhere),
        ("Fetch", Session(policy=FETCH), elsewhere),
        ("with X-Trace", Session(policy=TRACED), elsewhere),
        ("internal only", InternalOnly(), elsewhere),
        ("internal only, inside", InternalOnly(), "//files.corp.test/1"),
    ):
        for field in ("User-Agent", "Accept", "Accept-Encoding", "Connection"):
            del session.headers[field]
        print(f"{name}: {next_request(session, order, 302, location)}")


if __name__ == "__main__":
    main()
