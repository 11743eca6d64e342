"""Conversations as data, which the bare core and both bindings must carry on alike.

``model`` says what a scenario is. Each story has a module of them; ``stories`` has them all.
``memory`` plays the peers of a scenario without a socket, ``bare`` drives the core against it, and
``loopback`` drives the bindings against real sockets. Each gives a ``Record`` of what happened.
"""
