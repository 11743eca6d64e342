"""Header fields are a mapping; what the request itself must say about content wins."""


def main(requests, server):
    fields = {"X-Shelf": "left", "accept": "text/plain", "X-Octets": b"raw"}
    response = requests.get(server.url("/echo"), headers=fields)
    got = response.json()["fields"]
    print(got["x-shelf"], got["accept"], got["x-octets"])

    # A credential of auth= takes the place of one given by hand.
    response = requests.get(
        server.url("/basic"),
        headers={"Authorization": "Basic bm9ib2R5"},
        auth=(server.user, server.password),
    )
    print(response.status_code)
    # And the length is counted, not believed.
    response = requests.post(server.url("/echo"), data="four", headers={"Content-Length": "9"})
    print(response.json()["fields"]["content-length"])

    for name, value in (("X-Shelf", "a\r\nX-Other: b"), ("X-Shelf", " a"), ("X-Shelf", 3)):
        try:
            requests.get(server.url("/echo"), headers={name: value})
        except requests.exceptions.InvalidHeader as error:
            print(type(error).__name__, ascii(value))
