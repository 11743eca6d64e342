"""URLs, and what they are made of (RFC 3986, WHATWG URL)."""
