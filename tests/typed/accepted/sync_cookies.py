"""Cookies: given for one request, kept in the jar, and read from a response."""

from http.cookiejar import CookieJar as StandardJar
from http.cookies import SimpleCookie

import sojourn

URL = "http://127.0.0.1:8000/"


def tour(session: sojourn.Session, older: StandardJar) -> dict[str, str]:
    session.get(URL, cookies={"sid": "1"})
    session.get(URL, cookies=sojourn.CookieJar())
    session.get(URL, cookies=older)
    session.get(URL, cookies=SimpleCookie("a=1; b=2"))
    session.get(URL, cookies=[("a", "1")])
    session.cookies.set("lang", "en", domain="example.test", path="/")
    session.cookies["theme"] = "dark"
    session.cookies.update({"more": "1"})
    theme: str = session.cookies["theme"]
    lang: str | None = session.cookies.get("lang")
    names = [cookie.name for cookie in session.cookies]
    response = session.get(URL)
    given: str | None = response.cookies.get("sid")
    session.cookies = older
    session.cookies = sojourn.CookieJar()
    return {"theme": theme, "lang": lang or "", "given": given or "", "names": ",".join(names)}
