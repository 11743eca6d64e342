"""Two timeouts: one for the connection, one for each wait on the server."""


def main(requests, server):
    print(requests.get(server.url("/echo"), timeout=(5, 10)).status_code)
    print(requests.get(server.url("/echo"), timeout=(5, None)).status_code)
    try:
        requests.get(server.url("/fault/silence"), timeout=(10, 0.1))
    except requests.exceptions.ReadTimeout as error:
        print(type(error).__name__)

    with requests.get(server.url("/fault/stall"), stream=True, timeout=(10, 1)) as response:
        print(response.status_code)
        try:
            print(list(response.iter_content(4)))
        except requests.exceptions.ConnectionError:
            print("no more came")

    for wrong in ((1, 2, 3), "soon"):
        try:
            requests.get(server.url("/echo"), timeout=wrong)
        except ValueError:
            print(f"{wrong!r} is no timeout")
