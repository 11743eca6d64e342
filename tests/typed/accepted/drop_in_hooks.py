"""Hooks, streams and errors of a program for Requests."""

from typing import Any

import sojourn.compat as requests
from sojourn.compat.exceptions import ChunkedEncodingError


def noted(r: requests.Response, *args: Any, **kwargs: Any) -> None:
    print(r.url, r.elapsed.total_seconds())


def checked(r: requests.Response, **kwargs: Any) -> requests.Response:
    r.raise_for_status()
    return r


def run(url: str) -> int:
    size = 0
    with requests.Session() as session:
        session.hooks["response"].append(checked)
        try:
            with session.get(url, hooks={"response": [noted, checked]}, stream=True) as r:
                for piece in r.iter_content(1024):
                    size += len(piece)
                for line in r.iter_lines():
                    size += len(line.strip())
        except requests.HTTPError as error:
            print(error.response.status_code if error.response is not None else 0)
        except (requests.Timeout, ChunkedEncodingError):
            size = -1
        except requests.exceptions.RequestException as error:
            print(error.request)
    return size
