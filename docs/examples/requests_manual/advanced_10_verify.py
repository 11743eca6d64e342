"""Certificates are verified; those of an authority of one's own are named by its file."""


def main(requests, server):
    url = server.https_url("/connection")
    try:
        requests.get(url)
    except requests.exceptions.SSLError as error:
        print(type(error).__name__, isinstance(error, requests.exceptions.ConnectionError))

    print(requests.get(url, verify=server.ca).json()["requests"])
    try:
        requests.get(url, verify=str(server.folder / "missing.pem"))
    except OSError as error:
        print(isinstance(error, requests.exceptions.RequestException))
