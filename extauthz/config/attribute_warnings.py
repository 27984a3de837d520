"""Values of the subject that are written as in a whole name, with the type of the attribute before them."""

import re
from collections.abc import Iterator
from typing import Final

from extauthz.config.key_path import KeyPath
from extauthz.config.schema.require import Conditions
from extauthz.identity.attribute_types import UNDERSTOOD
from extauthz.policy.patterns import REGEX_PREFIX

_TYPE: Final = re.compile(r" *(?P<type>[A-Za-z]+|[0-9]+(?:\.[0-9]+)+) *=", re.ASCII)


def attribute_warnings(conditions: Conditions, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield each value of CN, O and OU that begins with an attribute type and ``=``, such as ``OU=Ops``.

    The certificate's value is compared without its type, so such a text matches nobody; below `not` it excludes
    nobody. It is no mistake for certain: a value may have a ``=`` in it.
    """
    for key, texts in (
        ("common_name", conditions.common_name),
        ("organization", conditions.organization),
        ("organizational_unit", conditions.organizational_unit),
    ):
        for index, text in enumerate(texts or ()):
            prefix = REGEX_PREFIX if text.startswith(REGEX_PREFIX) else ""
            found = _TYPE.match(text.removeprefix(prefix))
            if found is not None and _is_type(found["type"]):
                value = text.removeprefix(prefix)[found.end() :].strip()
                message = (
                    f"{text!r} is compared with the value alone, which has no type before it: write "
                    f"{prefix + value!r}, or compare the whole name with `subject`"
                )
                yield (*path, key, index), message


def _is_type(text: str) -> bool:
    return text[0].isdigit() or text.lower() in UNDERSTOOD
