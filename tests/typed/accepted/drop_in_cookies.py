"""Jars, and the mappings of Requests."""

from http.cookiejar import CookieJar

import sojourn.compat as requests
from sojourn.compat.cookies import RequestsCookieJar, cookiejar_from_dict, create_cookie
from sojourn.compat.structures import CaseInsensitiveDict


def tour(url: str, older: CookieJar) -> str | None:
    jar = RequestsCookieJar()
    jar.set("sid", "1", domain="a.test", path="/")
    jar.set_cookie(create_cookie("lang", "en"))
    r = requests.get(url, cookies=jar)
    requests.get(url, cookies=older)
    requests.get(url, cookies={"sid": "1"})
    with requests.Session() as session:
        session.cookies.update(r.cookies)
        session.cookies = cookiejar_from_dict({"a": "1"})
        for cookie in session.cookies:
            print(cookie.name, cookie.value)
        names: dict[str, str | None] = session.cookies.get_dict()
        return names.get("a") or r.cookies.get("sid")


def fields(r: requests.Response) -> CaseInsensitiveDict[str]:
    found: CaseInsensitiveDict[str] = CaseInsensitiveDict({"A": "1"})
    for name, value in r.headers.items():
        found[name.lower()] = value.strip()
    numbers: CaseInsensitiveDict[int] = CaseInsensitiveDict({"a": 1})
    print(numbers["A"] + 1, r.headers.get("Server", "").lower())
    return found
