"""Why a request was allowed or denied: the one closed vocabulary.

The same strings appear as the ``reason`` label of metrics, in the decision log, in Envoy's dynamic metadata, in
``extauthz explain`` and (only where the operator asks for it) in the deny body. ``docs/decisions.md`` has a row for
each member, and a test holds the two together.
"""

from enum import StrEnum


class Reason(StrEnum):
    """One cause for one decision. Members are grouped by the step of ``decide`` that gives them."""

    # Allow.
    ALLOWED = "allowed"
    ALLOWED_WITHOUT_CERTIFICATE = "allowed_without_certificate"
    ALLOWED_BY_FORWARDED_IDENTITY = "allowed_by_forwarded_identity"

    # Before step 1: the question itself.
    REQUEST_MALFORMED = "request_malformed"
    REQUEST_TOO_LARGE = "request_too_large"
    CALLER_NOT_ALLOWED = "caller_not_allowed"
    INTERNAL_ERROR = "internal_error"

    # Step 1, route.
    NO_POLICY = "no_policy"
    PATH_AMBIGUOUS = "path_ambiguous"
    HOST_AMBIGUOUS = "host_ambiguous"

    # Step 2, certificate sources.
    NO_CERTIFICATE = "no_certificate"
    CERTIFICATE_NOT_FORWARDED = "certificate_not_forwarded"
    FORWARDED_IDENTITY_NOT_ALLOWED = "forwarded_identity_not_allowed"
    SOURCE_MALFORMED = "source_malformed"
    SOURCE_TOO_LARGE = "source_too_large"
    SOURCE_AMBIGUOUS = "source_ambiguous"
    SOURCE_UNTRUSTED = "source_untrusted"
    SOURCE_INCONSISTENT = "source_inconsistent"
    SOURCE_CONFLICT = "source_conflict"

    # Step 3, identity.
    CERTIFICATE_MALFORMED = "certificate_malformed"
    CERTIFICATE_TOO_LARGE = "certificate_too_large"
    IDENTITY_CONFLICT = "identity_conflict"

    # Step 4, validity.
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"

    # Step 5, chain.
    UNTRUSTED_ISSUER = "untrusted_issuer"
    CHAIN_INVALID = "chain_invalid"
    CRITICAL_EXTENSION_UNKNOWN = "critical_extension_unknown"
    SIGNATURE_TOO_WEAK = "signature_too_weak"
    KEY_TOO_WEAK = "key_too_weak"
    TRUST_DOMAIN_MISMATCH = "trust_domain_mismatch"

    # Step 6, revocation.
    REVOKED = "revoked"
    CRL_MISSING = "crl_missing"
    CRL_STALE = "crl_stale"
    CRL_INVALID = "crl_invalid"
    CRL_SCOPE = "crl_scope"

    # Step 7, pins.
    PIN_MISMATCH = "pin_mismatch"

    # Steps 7 and 8, for an identity without certificate.
    FORWARDED_IDENTITY_INSUFFICIENT = "forwarded_identity_insufficient"

    # Step 8, name and usage rules of the policy.
    ISSUER_NOT_ALLOWED = "issuer_not_allowed"
    SUBJECT_NOT_ALLOWED = "subject_not_allowed"
    COMMON_NAME_NOT_ALLOWED = "common_name_not_allowed"
    ORGANIZATION_NOT_ALLOWED = "organization_not_allowed"
    ORGANIZATIONAL_UNIT_NOT_ALLOWED = "organizational_unit_not_allowed"
    SAN_MISSING = "san_missing"
    SAN_NOT_ALLOWED = "san_not_allowed"
    UPN_NOT_ALLOWED = "upn_not_allowed"
    SPIFFE_ID_NOT_ALLOWED = "spiffe_id_not_allowed"
    AGENCY_CODE_NOT_ALLOWED = "agency_code_not_allowed"
    FASC_N_NOT_ALLOWED = "fasc_n_not_allowed"
    EDIPI_NOT_ALLOWED = "edipi_not_allowed"
    CARD_UUID_NOT_ALLOWED = "card_uuid_not_allowed"
    MS_SID_NOT_ALLOWED = "ms_sid_not_allowed"
    KIND_NOT_ALLOWED = "kind_not_allowed"
    POLICY_OID_NOT_ALLOWED = "policy_oid_not_allowed"
    KEY_USAGE_NOT_ALLOWED = "key_usage_not_allowed"
    EXTENDED_KEY_USAGE_NOT_ALLOWED = "extended_key_usage_not_allowed"
    KEY_NOT_ALLOWED = "key_not_allowed"
    LIFETIME_TOO_LONG = "lifetime_too_long"
    NO_ALTERNATIVE_HOLDS = "no_alternative_holds"
    EXCLUDED = "excluded"

    # Step 9, token binding.
    TOKEN_BINDING_MISSING = "token_binding_missing"  # noqa: S105  (a reason, not a secret)
    TOKEN_BINDING_MISMATCH = "token_binding_mismatch"  # noqa: S105  (a reason, not a secret)

    # Step 10, the answer.
    IDENTITY_TOO_LARGE = "identity_too_large"


ALLOW_REASONS = frozenset({Reason.ALLOWED, Reason.ALLOWED_WITHOUT_CERTIFICATE, Reason.ALLOWED_BY_FORWARDED_IDENTITY})
"""The reasons that belong to an allow; every other member belongs to a deny."""
