"""Errors of the drop-in: asked for the response and the request that they are about."""

import sojourn.compat as requests
from sojourn.compat import exceptions


def status(url: str) -> int:
    try:
        requests.get(url, timeout=3).raise_for_status()
    except requests.HTTPError as error:
        if error.response is not None and error.response.status_code >= 500:
            return error.response.status_code + len(error.response.content)
    except exceptions.ConnectionError as error:
        return len(error.request.headers) if error.request is not None else 0
    return 200


def about(error: requests.RequestException) -> requests.Response | None:
    return error.response


def told(error: exceptions.Timeout) -> str:
    response = error.response
    if response is None:
        return str(error)
    words = [response.url, response.reason.lower(), response.headers["Server"].upper()]
    return " ".join([*words, *(before.url for before in response.history)])


def known(
    error: exceptions.ConnectTimeout,
) -> tuple[exceptions.ConnectionError, exceptions.Timeout]:
    return error, error


def raised(response: requests.Response) -> exceptions.InvalidURL:
    return exceptions.InvalidProxyURL("no proxy", response=response, request=response.request)
