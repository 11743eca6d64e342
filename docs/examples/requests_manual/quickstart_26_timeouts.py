"""A timeout bounds the wait for the server, not the time that all of it takes."""


def main(requests, server):
    try:
        requests.get(server.url("/fault/silence"), timeout=0.1)
    except requests.exceptions.Timeout as error:
        print(type(error).__name__, isinstance(error, requests.exceptions.ConnectTimeout))
        print(server.named(error.request.url), error.response)

    print(requests.get(server.url("/echo"), timeout=30).status_code)
    print(requests.get(server.url("/echo"), timeout=None).status_code)
