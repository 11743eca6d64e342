"""The core's own tests on Python 3.14, which Pyodide brings as WebAssembly for Node.

``python -m tests.pyodide`` runs ``tests/core`` and ``tests/vectors`` there. Whatever is left out
has a row in ``left_out``.
"""
