"""Credentials for a proxy stand in its URL, and go to the proxy alone."""


def main(requests, server):
    url = server.url("/echo")
    response = requests.get(url, proxies={"http": server.locked_proxy_url})
    print(response.status_code, response.headers["Proxy-Authenticate"])

    credentials = f"http://{server.user}:{server.password}@"
    proxies = {"http": server.locked_proxy_url.replace("http://", credentials)}
    proxies["https"] = proxies["http"]
    response = requests.get(url, proxies=proxies)
    print(response.status_code, "proxy-authorization" in response.json()["fields"])

    response = requests.get(server.https_url("/echo"), proxies=proxies, verify=server.ca)
    print(response.status_code, "proxy-authorization" in response.json()["fields"])
    print(server.proxied())
