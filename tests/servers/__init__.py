"""Servers that the tests and the benchmark talk to, on the loopback interface only.

``nginx`` is a real server with fixed locations, ``scripted`` plays bytes that no real server
would send, and ``authority`` issues the certificates of both.
"""
