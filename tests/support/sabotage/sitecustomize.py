"""A defect planted in the real process: with this directory on PYTHONPATH, Python imports this file before anything.

``EXTAUTHZ_SABOTAGE`` says what is broken, as ``module:attribute`` (or ``module:Class.attribute``): that function then
raises whatever it is called with. The rest of the program is the real one.
"""

import importlib
import os
from typing import Never


def broken(*_args: object, **_options: object) -> Never:
    """Fail like a defect: with an exception that nobody expects."""
    raise ZeroDivisionError("planted by a test")


if target := os.environ.get("EXTAUTHZ_SABOTAGE"):
    module_name, _, path = target.partition(":")
    *above, name = path.split(".")
    holder: object = importlib.import_module(module_name)
    for one in above:
        holder = getattr(holder, one)
    if not callable(getattr(holder, name)):
        raise TypeError(f"{target} is no function")
    setattr(holder, name, broken)
