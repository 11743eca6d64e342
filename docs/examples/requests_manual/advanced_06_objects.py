"""A response knows its request: what was sent, after all defaults and redirects."""


def main(requests, server):
    response = requests.post(
        server.url("/redirect/1"), data={"a": "1"}, headers={"X-Shelf": "left"}
    )
    request = response.request
    print(request.method, server.named(request.url), request.body)
    print(request.headers["X-Shelf"], request.headers.get("Content-Type"), request.path_url)

    first = response.history[0].request
    print(first.method, server.named(first.url), first.body, first.headers["content-length"])
    print(type(request).__name__, type(response).__name__, request, response)
    print(response.elapsed.total_seconds() > 0)
