"""``trust``: whose certificates are believed."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.section import AtLeastOne, Section, Text


class Trust(Section):
    """Whose certificates are believed. Files are PEM bundles, single DER certificates, or directories of these."""

    anchors: AtLeastOne[Text] | None = Field(
        default=None,
        description="CA certificates at which a chain may end. Required unless `chain` is `unsafe_none`.",
    )
    intermediates: AtLeastOne[Text] | None = Field(
        default=None,
        description=(
            "CA certificates that may stand between a client and an anchor. Give every one of them: most proxies hand "
            "over the client's certificate alone."
        ),
    )
    chain: Literal["verify", "issuer_name", "unsafe_none"] = Field(
        default="verify",
        description=(
            "`verify` checks signatures up to an anchor. `issuer_name` only compares the issuer's name with those of "
            "the anchors and intermediates, and believes the proxy for the rest. `unsafe_none` believes any "
            "certificate."
        ),
    )
    clock_skew: Annotated[Duration, between("0s", "1h")] = Field(
        default=timedelta(),
        description="Widens notBefore and notAfter of every certificate by this much.",
    )
