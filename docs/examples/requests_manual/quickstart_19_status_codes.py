"""Status codes have names, and a response says whether its own is one of success."""


def main(requests, server):
    print(requests.codes.ok, requests.codes.not_found, requests.codes["temporary_redirect"])
    print(requests.codes.NOT_FOUND, requests.codes.teapot, requests.codes["no such name"])
    for status in (200, 201, 304, 404, 503):
        response = requests.get(server.url(f"/status/{status}"))
        found = response.status_code == requests.codes.ok
        print(response, response.reason, response.ok, bool(response), found)
