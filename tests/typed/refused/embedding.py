"""Mistakes of drivers: transports that do not fit, and replies that there are not."""

import sojourn
from sojourn import machine
from sojourn.adapters import MockAdapter
from sojourn_core import Exchange, Pool, Request, Session, drive
from sojourn_core import commands as c


class Half:
    """A transport without most of it."""

    def now(self) -> float:
        return 0.0


class Flow(sojourn.AuthFlow):
    def respond(self, request: int, response: int) -> int:  # refused: override
        return request + response


def answer(number: int) -> int:
    return number


def run(exchange: Exchange, pool: Pool, command: c.ExchangeCommand) -> None:
    drive(exchange, command, Half())  # refused: argument
    call = Session().call(Request("GET", "http://a.test/"))
    machine.fetch(call, pool, Half())  # refused: argument
    exchange.received("text", 0.0)  # refused: argument
    exchange.resolved(["192.0.2.1"], 0.0)  # refused: argument
    exchange.answered(0.0)  # refused: attribute
    machine.resolve(80, "a.test")  # refused: argument
    machine.tls_context("https://a.test/")  # refused: argument
    sojourn.Policy(on_redirect=3)  # refused: argument
    MockAdapter(answer)  # refused: argument
    c.Write("text", 0.0)  # refused: argument
