"""Proxies of the environment are used unless the session does not trust it."""


def main(requests, server):
    with server.environment(http_proxy=server.proxy_url, no_proxy="localhost"):
        print(requests.get(server.url("/echo")).status_code, server.proxied())
        print(requests.get(server.other_url("/echo")).status_code, server.proxied())

        with requests.Session() as session:
            session.trust_env = False
            print(session.get(server.url("/echo")).status_code, server.proxied())

        # A request may name further hosts that want no proxy.
        response = requests.get(server.url("/echo"), proxies={"no_proxy": "127.0.0.1"})
        print(response.status_code, server.proxied())

    with server.environment(ALL_PROXY=server.proxy_url):
        print(requests.get(server.url("/echo")).status_code, server.proxied())
