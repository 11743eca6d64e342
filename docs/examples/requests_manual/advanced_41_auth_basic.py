"""Basic credentials: a pair, an object, or the user info of the URL."""


def main(requests, server):
    url = server.url("/basic")
    pair = (server.user, server.password)
    in_the_url = url.replace("http://", f"http://{server.user}:{server.password}@")
    print(requests.get(url).status_code, requests.get(url, auth=("ada", "wrong")).status_code)
    print(requests.get(url, auth=pair).json())
    print(requests.get(url, auth=requests.auth.HTTPBasicAuth(*pair)).json())
    print(requests.get(in_the_url).json())
    print(requests.auth.HTTPBasicAuth(*pair) == requests.auth.HTTPBasicAuth(*pair))
    print(requests.get(server.url("/echo"), auth=pair).request.headers["Authorization"])

    # They stay with the host that they were meant for.
    for target in (server.url("/echo"), server.other_url("/echo")):
        response = requests.get(server.url("/redirect/1"), params={"to": target}, auth=pair)
        print(server.named(response.url), "authorization" in response.json()["fields"])
