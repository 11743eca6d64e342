"""Where Sojourn does otherwise than Requests, on purpose: why, and the row of the quirk register.

A case names a key of this table for ``compat`` or for ``session``; ``docs/decisions.md`` names
every key. A case that is marked and does not differ fails, and so does a key that no case names.
``docs/migrating.md`` lists what is different in ``compat``: ``entry_of`` gives the entry for a key.
"""

from __future__ import annotations

from typing import Final

DEVIATIONS: Final[dict[str, tuple[str | None, str]]] = {
    "Q1-no-redirects": (
        "Q1",
        "max_redirects=0 with allow_redirects=False gives the redirect; nobody wants an error.",
    ),
    "Q2-unread": ("Q2", "The content of a redirect that was asked for as a stream is unread."),
    "Q3-content-kept": (
        "Q3",
        "Where a redirect keeps the method, it keeps the content (RFC 9110 section 15.4).",
    ),
    "Q4-exceptions-apart": (
        "Q4",
        "Exceptions from proxies (no_proxy) are no entry of the merged proxies.",
    ),
    "Q4-session-before-environment": (
        "Q4",
        "A proxy that the program set comes before one of the environment.",
    ),
    "Q5-session-before-environment": (
        "Q5",
        "What the program said of verification comes before a bundle of the environment.",
    ),
    "Q6-by-hand-first": (
        "Q6",
        "An Authorization field given by hand comes first, then auth=, the URL, and netrc.",
    ),
    "Q6-netrc-at-home": (
        "Q6",
        "netrc is read for the origin that the caller asked for, not where a redirect leads.",
    ),
    "Q7-credentials-at-home": (
        "Q7",
        "Credentials are set again when a chain of redirects comes back to their origin.",
    ),
    "Q8-request-replaces": ("Q8", "A cookie of the request replaces the jar's of the same name."),
    "Q9-cookie-field-stays": ("Q9", "A Cookie field given by hand stays within its origin."),
    "Q10-host-at-home": ("Q10", "A Host field given by hand does not go to another origin."),
    "Q11-fields-at-home": (
        "Q11",
        "Only fields that are known to be harmless go to another origin.",
    ),
    "Q12-location-octets": (
        "Q12",
        "A Location that is not UTF-8 is percent-encoded.",
    ),
    "Q13-consumed-content": (
        "Q13",
        "Content that is used up is an error when it would have to be sent again, not empty.",
    ),
    "Q14-one-framing": (
        "Q14",
        "Content-Length and Transfer-Encoding are never sent together (RFC 9112 section 6.2).",
    ),
    "Q15-empty-file": ("Q15", "An empty file is sent with a length of 0, not in chunks."),
    "Q16-wrong-length": ("Q16", "A Content-Length given by hand that is wrong is an error."),
    "Q17-cookies-go-home": (
        "Q17",
        "A cookie without a domain goes to the origin that the caller asked for, and to no other.",
    ),
    "Q18-proxies-copied": ("Q18", "The caller's mapping of proxies is not changed."),
    "Q19-hooks-of-both": ("Q19", "Hooks of the session and of the request are both called."),
    "Q21-http-only": ("Q21", "A redirect leads to http and https URLs only."),
    "Q22-location-user-info": ("Q22", "User info of a Location is left out of the URL."),
    "Q23-cookie-rules": ("Q23", "Cookies are stored by the rules of RFC 6265bis."),
    "Q25-lines-across-chunks": ("Q25", "CR LF across two chunks is one end of a line."),
    "lost-connections": (
        None,
        "What is lost on a kept connection is sent again where that is safe (RFC 9110 9.2.2).",
    ),
    "mark-is-no-text": (
        None,
        'A byte order mark of the declared charset is taken off (WHATWG Encoding, "UTF-8 decode").',
    ),
    "json-shows-its-charset": (
        None,
        "JSON is read as the Unicode that it is in, whatever was declared (RFC 8259 section 11).",
    ),
    "lines-as-whatwg": (
        None,
        "Lines of text end with CR, LF or CRLF, as those of bytes do, and with nothing else.",
    ),
    "text-where-text-is-asked-for": (
        None,
        "decode_unicode gives text, and never bytes for want of a declared charset.",
    ),
    "utf-8-before-guesses": (
        None,
        "What is valid UTF-8 is read as such; a charset is guessed from 64 bytes on.",
    ),
    "Q26-text-charset": ("Q26", "Text without a charset is UTF-8, not ISO-8859-1."),
    "Q27-field-names": (
        "Q27",
        "Field names are tokens, and values have no control characters (RFC 9110 section 5).",
    ),
    "Q28-own-errors": (
        "Q28",
        "What goes wrong with a request is a RequestException, and no error of Python's own.",
    ),
    "Q29-default-timeouts": ("Q29", "There is a timeout without one being given."),
    "Q30-streamed": ("Q30", "The content of files= is read while it is sent."),
    "Q31-challenges": ("Q31", "Names of challenge parameters are compared without their case."),
    "Q31-digest-form": ("Q31", "Digest credentials are quoted as RFC 7616 section 3.4 has it."),
    "digest-in-its-space": (
        None,
        "Digest is for the space of its challenge: there without being asked, and nowhere else.",
    ),
    "Q31-nothing-to-answer": (
        "Q31",
        "A challenge that no answer is known to is delivered; the request is not repeated.",
    ),
    "Q32-redirect-content": ("Q32", "The content of a redirect is not read without a bound."),
    "Q33-links": ("Q33", "Link fields are parsed as RFC 8288 has it."),
    "Q34-host-of-the-url": ("Q34", "Cookies belong to the host of the URL, not of the Host field."),
    "Q35-query-repeated": (
        "Q35",
        "A 301 or 302 repeats QUERY with its content (RFC 10008 section 2.5).",
    ),
    "Q36-expect": ("Q36", "Expect: 100-continue is for content, and a request without has none."),
    "basic-in-utf-8": (None, "Basic credentials are encoded in UTF-8 (RFC 7617 section 2.1)."),
    "basic-without-colon": (
        None,
        "The user name of Basic credentials has no colon (RFC 7617 section 2).",
    ),
    "blanks-around-values": (
        None,
        "Blanks around a field value are no part of it (RFC 9112 section 5).",
    ),
    "boundary-as-given": (
        None,
        "The parts of files= are divided by the boundary that the Content-Type by hand names.",
    ),
    "content-as-declared": (
        None,
        "Content that ends before the length that was declared for it is an error at once.",
    ),
    "content-fields": (
        None,
        "Where content goes, all fields that speak of it go (RFC 9110 section 15.4).",
    ),
    "content-is-octets": (
        None,
        "Content that is there at once is bytes on a prepared request: no text, and no buffer.",
    ),
    "each-pair-is-a-line": (None, "A mapping that repeats a name gives a line for each pair."),
    "chunks-by-their-grammar": (
        None,
        "What divides chunks is read by its grammar alone (RFC 9112 section 7.1).",
    ),
    "cookies-from-morsels": (None, "A SimpleCookie is taken wherever cookies are."),
    "cookies-without-controls": (
        None,
        "A cookie with a control character is left out (RFC 6265bis section 5.6).",
    ),
    "cookies-of-a-request": (
        None,
        "A cookie of a request gives way to a newer one; None takes out the session's.",
    ),
    "empty-query": (None, "A URL with an empty query keeps its question mark."),
    "errors-in-own-words": (
        None,
        "Errors name what went wrong in their own words, and have no error within.",
    ),
    "escapes-as-given": (
        None,
        "Escapes of a URL are sent in their own case, which a signature may cover.",
    ),
    "urls-by-their-parts": (
        None,
        "Each part of a URL is normalised by itself: one broken escape changes no other one.",
    ),
    "urls-as-set": (
        None,
        "A URL that is set on a prepared request is sent as it is set, or refused.",
    ),
    "one-host-alone": (
        None,
        "A host that two readers could take for two, or that no name has, is refused.",
    ),
    "root-stays-in-host": (
        None,
        "The dot at the end of a host stays in the Host field (RFC 9110 section 7.2).",
    ),
    "no-scheme-no-url": (None, "What has no scheme, or no host, is refused as no URL."),
    "errors-know-their-request": (
        None,
        "An error of preparing a request knows the request as the caller gave it.",
    ),
    "a-preview-is-one-request": (
        None,
        "resolve_redirects with yield_requests gives the next request once, and ends.",
    ),
    "next-is-made-when-asked": (
        None,
        "The next request of a redirect is made when it is asked for, and not of one followed.",
    ),
    "one-call-for-all-hops": (
        None,
        "An override of resolve_redirects is asked once for a call, and for no preview.",
    ),
    "length-of-nothing": (
        None,
        "Content of no bytes has a Content-Length of 0 as soon as it is prepared.",
    ),
    "location-as-received": (
        None,
        "get_redirect_target returns a Location with one character for each byte.",
    ),
    "first-location": (None, "Of several Location fields the first counts."),
    "framed-when-prepared": (
        None,
        "Content is framed when it is prepared; set by hand, it needs a Content-Length.",
    ),
    "headers-are-fields": (
        None,
        "The headers of a prepared request are Fields; a mapping put there is made into them.",
    ),
    "headers-as-pairs": (None, "Fields may be given as pairs, too."),
    "framed-one-way": (
        None,
        "A head that may be read in two ways is refused (RFC 9112 sections 3, 5.1 and 6.3).",
    ),
    "heads-as-the-rfc-has-them": (
        None,
        "A head that is not valid is an error, unless lenient_heads of the policy is set.",
    ),
    "heads-lose-no-line": (
        None,
        "Of a head only the line that is none is left out; Requests loses all after it as well.",
    ),
    "history-of-each-hop": (
        None,
        "Each response that resolve_redirects gives knows the responses before it.",
    ),
    "host-is-a-host": (
        None,
        "Host by hand is a host with or without a port (RFC 9110 section 7.2).",
    ),
    "host-first": (None, "Host is the first field of a request (RFC 9110 section 7.2)."),
    "interim-responses": (
        None,
        "Interim responses are passed over until the final one (RFC 9110 section 15.2).",
    ),
    "empty-fragment": (
        None,
        "A Location whose fragment is empty has one, and inherits none (RFC 9110 section 10.2.2).",
    ),
    "location-read-strictly": (
        None,
        "A Location has one reading, as every URL: it is normalised, and needs a host.",
    ),
    "native-adapter": (
        None,
        "sojourn.HTTPAdapter has arguments and hooks of its own; those of Requests are compat's.",
    ),
    "netrc-first-entry": (None, "Of several netrc entries for one host the first counts."),
    "netrc-read-in-part": (
        None,
        "A netrc file with a fault is read as far as it can be; a decision names the line.",
    ),
    "netrc-without-password": (
        None,
        "Nothing is sent for a netrc entry without a password.",
    ),
    "netrc-words-as-written": (
        None,
        "A backslash in a netrc file is one, and escapes within quotes are those of curl.",
    ),
    "no-errors-of-urllib3": (None, "Errors of content are Sojourn's own, and never urllib3's."),
    "no-fields-of-its-own": (
        None,
        "No User-Agent and no Accept-Encoding is sent where the session has none.",
    ),
    "no-proxy-on-each-hop": (None, "Exceptions from proxies are looked up for each hop anew."),
    "no-positions": (
        None,
        "The position of a file is not an attribute of the prepared request.",
    ),
    "none-leaves-out": (None, "None as the value of a field leaves it out, wherever it is given."),
    "proxy-fields-to-proxies": (
        None,
        "Proxy-Authorization goes to the proxy that it is for, and to no other and no origin.",
    ),
    "proxies-that-were-reached": (
        None,
        "A connection that a proxy loses once it was made is a ConnectionError.",
    ),
    "reason-as-sent": (None, "The reason phrase is what was sent, with the blanks around it."),
    "skip-header-is-text": (
        None,
        "urllib3's SKIP_HEADER is text as any other; None leaves a field out.",
    ),
    "lengths-in-bytes": (
        None,
        "The length of a StringIO, or of an array, is counted in bytes, and all of it is sent.",
    ),
    "trailers-are-checked": (
        None,
        "NUL in a trailer section, or more than the limits let through, is an error.",
    ),
    "tunnels-are-connected-to": (
        None,
        "A proxy that does not answer CONNECT, or a TLS handshake, is a ConnectTimeout.",
    ),
    "text-files-as-octets": (
        None,
        "A text file in files= is sent as the bytes that are on the disk.",
    ),
    "values-are-text": (None, "Values of fields are text, however they were set."),
    "user-without-password": (
        None,
        "A user in the URL without a password is sent with an empty one, as browsers and curl do.",
    ),
    "values-as-they-count": (
        None,
        "A coding in capitals, or a length that is said twice, is shown as it counts.",
    ),
    "whole-codings": (None, "Content that ends within its coding is an error."),
    "whole-trailers": (
        None,
        "Content whose trailer section does not come to its end is cut short.",
    ),
    "whole-heads": (None, "A head that ends early is no response (RFC 9112 section 8)."),
    "within-limits": (
        None,
        "What a peer sends is bounded: how far content grows when it is decoded, and its head.",
    ),
}

# The rows that are fixed under ``Policy.requests()`` too: the entry "fixed" of docs/migrating.md.
FIXED: Final = ("Q1", "Q2", "Q12", "Q13", "Q14", "Q18", "Q27", "Q28", "Q31", "Q32", "Q33")
# What rules of the core change for ``compat`` as well: its entry "rules".
BY_RULE: Final = (
    "chunks-by-their-grammar",
    "content-as-declared",
    "cookies-from-morsels",
    "cookies-without-controls",
    "framed-one-way",
    "headers-as-pairs",
    "host-is-a-host",
    "netrc-without-password",
    "whole-codings",
)


def entry_of(key: str) -> str:
    """Return the entry of docs/migrating.md that a deviation of ``compat`` belongs to."""
    if DEVIATIONS[key][0] in FIXED:
        return "fixed"
    return "rules" if key in BY_RULE else key
