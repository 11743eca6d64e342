"""With stream=True only the head is read, and content is fetched if it is wanted."""


def main(requests, server):
    size_max = 1000
    for size in (100, 100_000):
        with requests.get(server.url(f"/bytes/{size}"), stream=True) as response:
            if int(response.headers["Content-Length"]) < size_max:
                print(size, "is read:", len(response.content))
            else:
                print(size, "is left:", response.headers["Content-Type"])

    with requests.get(server.url("/bytes/10"), stream=True) as response:
        print([len(chunk) for chunk in response.iter_content(4)])
        for again in (lambda: next(response.iter_content(4)), lambda: response.content):
            try:
                again()
            except (requests.exceptions.StreamConsumedError, RuntimeError) as error:
                print(type(error).__name__)
