"""May the certificate be believed: chain, revocation, pins and token binding, and for how long the answer holds.

Pure: no I/O and no clock. Each answer that depends on the time comes with the ``Window`` in which it holds, so that
it can be kept without ever outliving its evidence. ``assess`` runs steps 3 to 6 of ``decide``.
"""
