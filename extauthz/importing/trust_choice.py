"""Whose CAs: a configuration trusts one set of them for all its policies."""

from collections.abc import Sequence

from extauthz.importing.foreign import UnreadableError

PINS_ALONE = ""
"""Stands for the trust of certificates that are told by their pins and have no CA."""


def choose_trust(names: Sequence[str], wanted: str | None) -> str:
    """Return the set of CAs that is written: the first without a wanted one. Raises UnreadableError for one unknown."""
    if wanted is None:
        return names[0]
    if wanted not in names:
        known = ", ".join(shown_trust(one) for one in dict.fromkeys(names))
        raise UnreadableError(f"--trust {wanted}: the input has no such set of CAs; it has {known}")
    return wanted


def other_trust(own: str, chosen: str) -> str:
    """Say why a policy is not written in this configuration."""
    again = "" if own == PINS_ALONE else f"; import once more with --trust {own}, for another instance of extauthz"
    return (
        f"this trusts {shown_trust(own)}, and the configuration {shown_trust(chosen)}: one configuration trusts "
        f"the same CAs for all its policies{again}"
    )


def shown_trust(name: str) -> str:
    """Return the name of a set of CAs for people."""
    return "no CA but pins alone" if name == PINS_ALONE else name
