"""Text from outside, made safe to show: what would not be seen, or would be taken for something else."""


def visible(text: str) -> str:
    r"""Write what a terminal would not show as it is (control and bidi characters) as ``\x1b``, ``\u202e``."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
