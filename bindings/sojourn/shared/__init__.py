"""The common half of both bindings, without I/O."""

import sys

# So that nothing of ours reaches standard error by Python's handler of last resort. Only a program
# that has loaded logging can hear anything, and it takes a while to load.
if (logging := sys.modules.get("logging")) is not None:
    logging.getLogger("sojourn").addHandler(logging.NullHandler())
