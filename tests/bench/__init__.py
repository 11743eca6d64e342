"""How fast Sojourn is beside its peers: ``python -m tests.bench``.

``scenarios`` says what is measured and what is promised, ``peers_sync`` and ``peers_async`` hold
one adapter for each client, ``worker`` is the process that runs one, ``harness`` measures, and
``report`` prints.
"""
