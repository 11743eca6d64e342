"""Mistakes in a program that looks at a request before it is sent."""

import sojourn

URL = "http://127.0.0.1:8000/"


def sources(session: sojourn.Session) -> None:
    session.explain("GET", URL, timeoutt=3)  # refused: keyword
    told = session.explain("GET", URL)
    print(told.cookies)  # refused: attribute
    told.of("cookies")  # refused: argument
