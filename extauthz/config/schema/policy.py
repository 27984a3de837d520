"""``policies``: one item of the list."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from extauthz.config.schema.duration import Duration, between, whole_seconds
from extauthz.config.schema.require import Require
from extauthz.config.schema.section import Section
from extauthz.config.schema.when import When

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def _check_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError(
            f"{name!r} is not a policy name; write 1 to 63 of a-z, 0-9, `-` and `_`, a letter or digit first "
            "(it labels metrics)"
        )
    return name


PolicyName = Annotated[str, AfterValidator(_check_name)]


class Policy(Section):
    """What is asked of which requests. Policies are tried in order, and the first whose `when` matches decides."""

    name: PolicyName = Field(description="Its name in metrics, logs and headers: a-z, 0-9, `-`, `_`; unique.")
    when: When = Field(description="Which requests it is for. Must be written; `{}` is every request.")
    require: Require = Field(description="What it asks of a certificate. Must be written; `{}` asks for trust alone.")
    certificate: Literal["required", "optional", "unsafe_forwarded_identity"] = Field(
        default="required",
        description=(
            "`optional` lets requests without a certificate pass. `unsafe_forwarded_identity` takes the bare name of a "
            "workload instead, where a source has `unsafe_identity_only`; of `require`, only `spiffe_id` can hold for "
            "one. A certificate that is presented must still hold."
        ),
    )
    session_lifetime: Annotated[Duration, AfterValidator(whole_seconds), between("1s", "365d")] = Field(
        default=timedelta(hours=1),
        description="How long the upstream may keep a session that starts now; never past the certificate's end.",
    )
