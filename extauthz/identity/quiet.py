"""Calling the certificate library without its warnings.

It warns through ``warnings.warn`` about serial numbers that are not positive and about names of unusual length.
Under ``-W error`` that would turn a certificate into an exception, otherwise hostile certificates could write to the
operator's log. ``warnings.catch_warnings`` changes process-wide state and is not safe among threads. What a
certificate has that is odd is noted in ``CertIdentity.warnings`` instead.
"""

import builtins
from collections.abc import Callable
from operator import attrgetter
from types import FunctionType
from typing import Any, Final, TypeVar, cast

from cryptography import x509

_Result = TypeVar("_Result")


def _call(function: Callable[[Any], object], argument: object) -> object:
    return function(argument)


_MODULELESS: Final = FunctionType(_call.__code__, {"__name__": None, "__builtins__": builtins})
"""``_call`` with globals whose ``__name__`` is None: the interpreter drops a warning that belongs to no module.

This holds whatever the filters are, and touches nothing shared. The function called must be a built-in one: a Python
function would be the frame that the warning belongs to. Tests hold it under ``simplefilter("error")``.
"""

_EXTENSIONS: Final = attrgetter("extensions")


def quietly(function: Callable[[Any], _Result], argument: object) -> _Result:
    """Call a built-in function with one argument; warnings that it causes are dropped."""
    return cast("_Result", _MODULELESS(function, argument))


def extensions_of(certificate: x509.Certificate) -> x509.Extensions:
    """Return the extensions, decoded here if they were not before: the names in them may be of unusual length."""
    extensions: x509.Extensions = quietly(_EXTENSIONS, certificate)
    return extensions
