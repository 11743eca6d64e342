"""Content codings are taken off: content is what was meant, not what was sent."""


def main(requests, server):
    response = requests.get(server.url("/gzip"))
    print(response.headers["Content-Encoding"])
    print(response.content)
    print(int(response.headers["Content-Length"]) == len(response.content))
    print("gzip" in response.request.headers["Accept-Encoding"])
