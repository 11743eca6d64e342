"""Redirects are followed, and the history has the responses on the way, oldest first."""


def main(requests, server):
    response = requests.get(server.url("/redirect/3"))
    print(response.status_code, server.named(response.url))
    for step in response.history:
        print(step.status_code, server.named(step.url), step.headers["Location"])

    # Some statuses turn a POST into a GET, and some do not.
    for status in (301, 302, 303, 307, 308):
        response = requests.post(server.url(f"/redirect/1?status={status}"), data={"a": "1"})
        print(status, response.json()["method"], response.json()["content"] or "-")
    try:
        requests.get(server.url("/redirect/40"))
    except requests.exceptions.TooManyRedirects as error:
        print(type(error).__name__, len(error.response.history))
