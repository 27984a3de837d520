"""Panics of the certificate library: a defect in it, met by input that it did not foresee.

They derive from ``BaseException``, so that they pass every handler that would turn them into a deny. Here they are
told apart from what must pass (the end of the program).
"""


def is_panic(error: BaseException) -> bool:
    """Say whether this is a panic. Each native module has a type of its own for it, of which only the name is known."""
    return type(error).__name__ == "PanicException"
