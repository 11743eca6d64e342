"""How fast Sojourn is beside its peers: ``python -m tests.bench``.

``scenarios`` says what is measured and ``targets`` what is promised. ``jobs`` has what a peer does
over and over; ``peers_sync`` and ``peers_async`` hold an adapter for each client, ``preparing`` and
``starting`` what needs no adapter. ``worker`` is the process that runs one peer at the ``place``
of a run, ``harness`` measures, ``report`` prints, ``pictures`` draws, and ``page`` writes
docs/benchmarks.md.
"""
