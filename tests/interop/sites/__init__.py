"""The same small site for every interface: ASGI, WSGI, aiohttp.web and Node's http.

===========  ==================================================================
``/text``    TEXT, with an ETag, 304 for who has it, and gzip for who accepts it
``/pieces``  TEXT in pieces, and no length given
``/upload``  takes content, and answers with its size and SHA-256
``/refused`` answers 413 before it has read any content
===========  ==================================================================
"""
