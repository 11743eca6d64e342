"""A proxy for one host goes before that for its scheme, and an empty one means none."""


def main(requests, server):
    proxies = {"http://127.0.0.1": server.proxy_url}
    for url in (server.url("/echo"), server.other_url("/echo")):
        print("via" in requests.get(url, proxies=proxies).json()["fields"], server.proxied())

    proxies = {"http": server.proxy_url, "http://localhost": ""}
    for url in (server.url("/echo"), server.other_url("/echo")):
        print("via" in requests.get(url, proxies=proxies).json()["fields"], server.proxied())

    try:
        requests.get(server.url("/echo"), proxies={"http": server.closed_url("")})
    except requests.exceptions.ProxyError as error:
        print(type(error).__name__, isinstance(error, requests.exceptions.ConnectionError))
