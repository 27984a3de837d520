"""CRLs kept fresh, beside the requests: read or fetched, verified and indexed in another process, remembered.

Nothing here runs in the path of a check. What it finds is swapped into the store that ``decide`` reads.
"""
