"""A status of 4xx or 5xx becomes an exception when asked, which has the response with it."""


def main(requests, server):
    for status in (200, 304, 404, 418, 500, 503):
        response = requests.get(server.url(f"/status/{status}"))
        try:
            print(status, response.raise_for_status())
        except requests.exceptions.HTTPError as error:
            print(server.named(error))
            print(error.response is response, error.request is response.request)
