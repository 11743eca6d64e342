"""Both codecs of HTTP/1.1 on arbitrary bytes: see ``__main__``."""
