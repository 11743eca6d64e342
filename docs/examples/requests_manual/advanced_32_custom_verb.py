"""Any method can be sent by its name."""


def main(requests, server):
    for method in ("MKCOL", "propfind", "M-SEARCH", "get"):
        response = requests.request(method, server.url("/echo"), data="<all/>")
        print(response.request.method, response.json()["method"], response.json()["content"])
    print(requests.request("PURGE", server.url("/redirect/1")).json()["method"])
