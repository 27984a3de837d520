"""``key``: sorts of public key."""

from typing import Literal, Self

from pydantic import Field, model_validator

from extauthz.config.schema.section import AtLeastOne, Section

Curve = Literal[
    "secp192r1",
    "secp224r1",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "secp256k1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
]


class Key(Section):
    """One acceptable sort of public key."""

    type: Literal["rsa", "ec", "ed25519", "ed448", "dsa"] = Field(description="The algorithm.")
    min_bits: int | None = Field(default=None, ge=1, le=16_384, description="Least size; for `rsa` and `dsa`.")
    curves: AtLeastOne[Curve] | None = Field(default=None, description="Acceptable curves; for `ec`.")

    @model_validator(mode="after")
    def _fits_the_type(self) -> Self:
        if self.min_bits is not None and self.type not in {"rsa", "dsa"}:
            raise ValueError(f"`min_bits` has no meaning for {self.type} keys; it is for rsa and dsa")
        if self.curves is not None and self.type != "ec":
            raise ValueError(f"`curves` has no meaning for {self.type} keys; it is for ec")
        return self
