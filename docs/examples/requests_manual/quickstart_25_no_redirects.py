"""Redirects can be left to the caller; for HEAD that is the default."""


def main(requests, server):
    url = server.url("/redirect/1")
    response = requests.get(url, allow_redirects=False)
    print(response.status_code, response.history, response.headers["Location"])
    print(response.is_redirect, response.is_permanent_redirect)
    print(response.next.method, server.named(response.next.url))

    response = requests.head(url)
    print(response.status_code, response.history)
    response = requests.head(url, allow_redirects=True)
    print(response.status_code, response.history, response.request.method)
    print(requests.head(server.url("/redirect/1?status=308")).is_permanent_redirect)
