"""Distinguished names in settings: RFC 4514 text."""

from typing import Annotated

from pydantic import AfterValidator

from extauthz.config.schema.section import Text
from extauthz.identity.names import name_key_from_string


def _check_name(text: str) -> str:
    try:
        name_key_from_string(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an RFC 4514 distinguished name: {error}") from None
    return text


DistinguishedName = Annotated[Text, AfterValidator(_check_name)]
