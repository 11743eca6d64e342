"""Mistakes in programs for blocking code."""

from typing import Any

import sojourn

URL = "http://127.0.0.1:8000/"


def seen(number: int) -> None:
    print(number)


class Sent(sojourn.Session):
    def send(self, request: int, **kwargs: Any) -> sojourn.Response:  # refused: override
        return sojourn.Response()


class Mute(sojourn.AuthBase):
    def __call__(self, r: sojourn.PreparedRequest) -> int:  # refused: override
        return 3


def run(session: sojourn.Session, response: sojourn.Response) -> None:
    sojourn.get(URL, timeoutt=3)  # refused: keyword
    session.post(URL, jsn={"a": 1})  # refused: keyword
    sojourn.get(URL, headers=3)  # refused: argument
    sojourn.get(URL, timeout="3")  # refused: argument
    sojourn.get(URL, auth=("user",))  # refused: argument
    sojourn.get(URL, auth=3)  # refused: argument
    sojourn.get(3)  # refused: argument
    sojourn.post(URL, json=object())  # refused: argument
    sojourn.post(URL, files=3)  # refused: argument
    sojourn.get(URL, hooks={"response": seen})  # refused: argument
    sojourn.get(URL, params=3)  # refused: argument
    sojourn.get(URL, cookies=3)  # refused: argument
    sojourn.get(URL, verify=3.5)  # refused: argument
    print(response.statuscode)  # refused: attribute
    print(response.status_code.lower())  # refused: attribute
    print(response.content + "text")  # refused: operator
    print(response.text + b"bytes")  # refused: operator
    session.mount("http://", 3)  # refused: argument
    session.headers = 3  # refused: assignment
    session.send(sojourn.Request("GET", URL))  # refused: argument
    sojourn.fetch(URL)  # refused: attribute
