"""For every test: no timing, and names that are the same in every process, so that several can share the work."""

import hypothesis
import pytest

# A deadline for each example would fail whenever the machine is busy with something else.
hypothesis.settings.register_profile("extauthz", deadline=None)
hypothesis.settings.load_profile("extauthz")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name functions by their name, sets by their members in order, and bytes, which signatures are in, by nothing."""
    if isinstance(val, set | frozenset):
        return "{" + ", ".join(sorted(map(repr, val))) + "}"
    if isinstance(val, bytes):
        return "bytes"
    if callable(val):
        return getattr(val, "__qualname__", type(val).__qualname__)
    return None
