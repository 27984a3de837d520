"""Reading one extension of a certificate that was parsed whole, so that nothing is left to fail."""

from typing import TypeVar

from cryptography import x509

_Value = TypeVar("_Value", bound=x509.ExtensionType)


def extension_value(extensions: x509.Extensions, kind: type[_Value]) -> _Value | None:
    """Return the extension's value, or None without one."""
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
