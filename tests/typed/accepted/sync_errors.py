"""Errors: caught by their classes, and asked what they know."""

import sojourn
from sojourn import exceptions


def fetch(url: str) -> str:
    try:
        response = sojourn.get(url, timeout=3)
        response.raise_for_status()
    except sojourn.HTTPError as error:
        return f"status {error.response.status_code if error.response is not None else 0}"
    except (sojourn.ConnectTimeout, sojourn.ReadTimeout):
        return "slow"
    except exceptions.SSLError as error:
        return f"TLS: {error}"
    except sojourn.ConnectionError as error:
        return f"network: {error.request.url if error.request is not None else url}"
    except sojourn.TooManyRedirects:
        return "in a circle"
    except sojourn.RequestException as error:
        return type(error).__name__
    try:
        found: dict[str, int] = response.json()
    except sojourn.JSONDecodeError as error:
        return error.msg
    return str(found)


def judge(error: sojourn.HTTPError) -> str:
    response = error.response
    if response is None:
        return "no response"
    if response.status_code >= 500 or not response.ok:
        return response.reason.lower() + response.url.rpartition("/")[2]
    response.raise_for_status()
    return f"{len(response.content)} bytes after {len(response.history)} redirects"


def tell(error: sojourn.RequestException) -> str:
    codes: list[str] = [decision.code for decision in error.decisions]
    return f"{error.explain()} {codes} after {len(error.history)} responses"
