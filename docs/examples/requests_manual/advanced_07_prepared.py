"""A request can be prepared, changed, and sent later."""


def main(requests, server):
    request = requests.Request(
        "post", server.url("/echo"), data={"tea": "green"}, headers={"X-Shelf": "left"}
    )
    prepared = request.prepare()
    print(request, prepared)
    print(prepared.method, prepared.body, prepared.headers["Content-Length"])
    print(sorted(prepared.headers))

    prepared.body = "no form any more"
    prepared.headers["Content-Length"] = str(len(prepared.body))
    del prepared.headers["Content-Type"]
    with requests.Session() as session:
        said = session.send(prepared, timeout=10).json()
    print(said["method"], said["content"], said["fields"].get("content-type"))
    print(said["fields"]["x-shelf"], "accept" in said["fields"])
