"""The common half of both bindings, without I/O."""

import logging

# So that nothing of ours reaches standard error by Python's handler of last resort.
logging.getLogger("sojourn").addHandler(logging.NullHandler())
