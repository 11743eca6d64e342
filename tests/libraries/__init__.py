"""Libraries that were written for Requests do their main work on ``sojourn.compat``.

``programs`` has what is run, each function in a process of its own (see ``run``); the tests have
the servers, and compare what came there with what the program says.
"""
