"""Each method of HTTP has a function of its name."""


def main(requests, server):
    url = server.url("/echo")
    for response in (
        requests.get(url),
        requests.post(url, data={"tea": "green"}),
        requests.put(url, data={"tea": "black"}),
        requests.patch(url, data={"tea": "white"}),
        requests.delete(url),
    ):
        print(response.status_code, response.json()["method"], response.json()["content"] or "-")

    head = requests.head(url)
    print(head.status_code, head.request.method, head.headers["Content-Type"], len(head.content))
    options = requests.options(url)
    print(options.status_code, options.request.method, options.headers["Allow"])
