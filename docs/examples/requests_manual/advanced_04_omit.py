"""None leaves out what the session would send."""


def main(requests, server):
    with requests.Session() as session:
        session.headers["X-Session"] = "1"
        session.params = {"version": "2", "page": "1"}
        url = server.url("/echo")

        said = session.get(url, headers={"x-session": None}, params={"version": None}).json()
        print(said["fields"].get("x-session"), said["query"])
        said = session.get(url).json()
        print(said["fields"].get("x-session"), said["query"])
        print("accept" in session.get(url, headers={"Accept": None}).json()["fields"])
