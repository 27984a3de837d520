"""A constraint that nobody here can hold names to."""


class UnprocessableConstraint(ValueError):  # noqa: N818  (it says what was met, and is caught where it is read)
    """Names of the form that it is about must be refused (RFC 5280 §4.2.1.10)."""
