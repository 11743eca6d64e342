"""Hooks: functions that see each response."""

from typing import Any

import sojourn


def noted(response: sojourn.Response, *args: Any, **kwargs: Any) -> None:
    print(response.status_code, response.url)


def checked(response: sojourn.Response, **kwargs: Any) -> sojourn.Response:
    response.raise_for_status()
    return response


def run(url: str) -> None:
    sojourn.get(url, hooks={"response": noted})
    sojourn.get(url, hooks={"response": [noted, checked]})
    sojourn.post(url, hooks=None)
    with sojourn.Session() as session:
        session.hooks["response"].append(checked)
        session.hooks = {"response": [noted]}
        session.get(url)
    request = sojourn.Request("GET", url, hooks={"response": noted})
    request.register_hook("response", checked)
    request.deregister_hook("response", checked)
