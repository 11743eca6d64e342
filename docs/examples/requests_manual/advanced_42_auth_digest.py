"""Digest credentials answer a challenge, and then every request as long as it lasts."""


def main(requests, server):
    url = server.url("/digest")
    auth = requests.auth.HTTPDigestAuth(server.user, server.password)
    response = requests.get(url, auth=auth)
    print(response.json(), [step.status_code for step in response.history])
    response = requests.post(url, auth=auth, data={"a": "1"})
    print(response.json(), [step.status_code for step in response.history])

    with requests.Session() as session:
        session.auth = requests.auth.HTTPDigestAuth(server.user, "wrong")
        print(session.get(url).status_code)
        session.auth = requests.auth.HTTPDigestAuth(server.user, server.password)
        print([session.get(url).json()["count"] for _ in range(3)])
