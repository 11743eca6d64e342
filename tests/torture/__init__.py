"""Torture: every scenario, broken at every step, in every way that fits the step.

A scenario is played by the bare core, without a socket and in a time that only jumps. Each thing
that the machines ask for, or hand up, is one step. A run breaks one step by one fault, and goes on
as well as it can. Whatever comes of it, these must hold:

* The call ends in a response, in an error of ``sojourn_core.errors``, or in the very error that
  the user's own code has raised. What cancels a call comes out of it.
* Nothing is left: no slot is leased, nobody waits, every stream is closed once, and the user's
  iterators are closed.
* A response that claims to be whole has all of its content.

``python -m tests.torture`` plays all of it, and the tests one fault of each scenario.
``peers`` has the other ends, ``faults`` what may happen to each step, ``stage`` the driver,
``pairs`` the loops for two exchanges of one request, ``judge`` what must hold, and ``runs`` lists
and plays the runs. Scenarios are those of ``tests.scenarios``, and some that need more of a driver,
in ``routes``, ``users`` and ``hedges``. A scenario that is added to any of them is tortured too.
"""
