"""A call that is driven by hand, without a byte of network."""

from sojourn_core import Call, Fields, Request, RequestException, Response, ResponseHead, Session
from sojourn_core import commands as c


def run(call: Call) -> Response:
    command = call.start(0.0)
    while True:
        match command:
            case c.Send(request=request):
                head = ResponseHead(status=200, reason="OK", fields=Fields([("X-A", "1")]))
                command = call.answered(Response(head, request), 0.1)
            case c.Discard():
                command = call.discarded(0.2)
            case c.Hook(hook=hook, response=response):
                command = call.hooked(hook(response), 0.3)
            case c.Deliver(response=response):
                return response
            case c.Fail(error=error):
                raise error
            case _:
                raise AssertionError(command)


def ask(url: str) -> int:
    try:
        return run(Session().call(Request("GET", url))).status_code
    except RequestException:
        return 0
