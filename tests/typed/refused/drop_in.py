"""Mistakes in programs for Requests."""

import sojourn.compat as requests
from sojourn.compat.auth import AuthBase

URL = "http://127.0.0.1:8000/"


class Mute(AuthBase):
    def __call__(self, r: requests.PreparedRequest) -> int:  # refused: override
        return 3


def seen(number: int) -> None:
    print(number)


def run(session: requests.Session, r: requests.Response) -> None:
    requests.get(URL, timeoutt=3)  # refused: keyword
    requests.get(URL, headers=3)  # refused: argument
    requests.get(URL, timeout="3")  # refused: argument
    requests.post(URL, json=object())  # refused: argument
    requests.get(URL, auth=3)  # refused: argument
    requests.get(URL, hooks={"response": seen})  # refused: argument
    print(requests.get(URL).statuscode)  # refused: attribute
    print(r.status_code.lower())  # refused: attribute
    print(r.content + "text")  # refused: operator
    session.mount("http://", 3)  # refused: argument
    session.get(URL, verfy=False)  # refused: keyword
    print(r.request.urll)  # refused: attribute
    session.headers["A"] = 3  # refused: item
