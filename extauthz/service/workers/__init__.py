"""Several serving processes and the one that looks after them: ``workers: N``.

The supervisor is the process that was started. It reads and checks the configuration, fetches and indexes CRLs, has
the admin listener and watches the files. The workers answer checks, each on a socket of its own on the shared port, and
know only what the supervisor tells them. Two one-way connections lead to each worker (``link``): orders, and reports.
"""
