"""The parts of the status page, one function each: from values to HTML."""

from collections.abc import Iterator

from extauthz.service.status.markup import (
    NOTHING,
    Column,
    Markup,
    badge,
    bullets,
    code,
    facts,
    joined,
    moment,
    number,
    paragraph,
    section,
    span,
    table,
    text,
    until,
    yes_no,
)
from extauthz.service.status.model import Crl, CrlSource, Policy, Status

_BEFORE_A_POLICY = Markup("<em>before a policy</em>")
_SOURCE_COLUMNS = (
    Column("Source"),
    Column("Kind"),
    Column("Last attempt"),
    Column("Last success"),
    Column("Refused", numeric=True),
    Column("State"),
    Column("Problem"),
)
_CRL_COLUMNS = (
    Column("Issuer"),
    Column("Source"),
    Column("Number", numeric=True),
    Column("Entries", numeric=True),
    Column("Age", numeric=True),
    Column("Issued"),
    Column("Next update"),
    Column("That is"),
)


def overview(status: Status) -> Markup:
    """Return what everybody looks at first."""
    config = status.configuration
    last = config.last_reload
    reload_ = NOTHING
    if last is not None:
        reload_ = Markup(f"{text(last.result)} by {text(last.trigger)}, {moment(last.at)}")
    rows = [
        ("Configuration", Markup(f"{code(config.digest)} {badge(config.standing)}")),
        ("Generation", Markup(f"{number(config.generation)}, loaded {moment(config.loaded_at)}")),
        ("Last reload", reload_),
        ("Up", Markup(f"{span(status.started, status.at)}, since {moment(status.started)}")),
        ("Build", Markup(f"extauthz {text(status.version)}, Python {text(status.python)}")),
    ]
    if status.workers:
        states = (Markup(f"{number(count)} {text(state)}") for state, count in status.workers if count)
        rows.append(("Workers", joined(states, ", ")))
    return section("overview", "Overview", facts(rows), *_notices(status))


def _notices(status: Status) -> Iterator[Markup]:
    config = status.configuration
    if len(config.digests_in_use) > 1:
        digests = joined((code(one) for one in config.digests_in_use), ", ")
        yield paragraph(Markup(f"Configurations in use at this moment: {digests}"))
    if status.waiting_for_crls:
        yield Markup("<h3>Waiting for the first CRL of</h3>")
        yield bullets(status.waiting_for_crls)
    if config.last_reload is not None and config.last_reload.problems:
        yield Markup("<h3>Why the last reload failed; the configuration before it stays in use</h3>")
        yield bullets(config.last_reload.problems)
    if status.samples_unread:
        unread = f"{number(status.samples_unread)} of the metrics are none that extauthz has: the counts here leave"
        yield paragraph(Markup(f"{unread} them out. This is a defect; please report it."))
    if config.warnings:
        yield Markup("<h3>Warnings of the configuration in use</h3>")
        yield bullets(config.warnings)


def listeners(status: Status) -> Markup:
    """Return the addresses."""
    columns = (Column("Listener"), Column("Address"), Column("Speaks"), Column("TLS"))
    rows = [(text(one.name), code(one.address), text(one.speaks), yes_no(value=one.tls)) for one in status.listeners]
    return section("listeners", "Listeners", table("listeners", "Where the service listens", columns, rows))


def sources(status: Status) -> Markup:
    """Return where certificates come from."""
    columns = (Column("Source"), Column("Read by"), Column("Checks", numeric=True))
    rows = [
        (text(one.type), joined((text(name) for name in one.listeners), ", "), number(one.checks))
        for one in status.sources
    ]
    rows.append((Markup("<em>no certificate</em>"), NOTHING, number(status.checks_without_certificate)))
    caption = "Checks by the source of their certificate, since the start"
    return section("sources", "Sources", table("sources", caption, columns, rows))


def anchors(status: Status) -> Markup:
    """Return the trust anchors."""
    columns = (Column("Anchor"), Column("Subject"), Column("Ends"), Column("That is"), Column("State"))
    rows = [
        (
            code(one.fingerprint8),
            text(one.subject),
            moment(one.not_after),
            until(status.at, one.not_after),
            badge(one.standing(status.at)),
        )
        for one in status.anchors
    ]
    caption = "Trust anchors by their end; named by the first digits of their SHA-256"
    return section("anchors", "Trust anchors", table("anchors", caption, columns, rows))


def crls(status: Status) -> Markup:
    """Return the CRLs and what gives them."""
    if not status.crl_checking:
        return section("crls", "CRLs", paragraph(Markup("Revocation is not checked.")))
    content: list[Markup] = [bullets(status.crl_problems)] if status.crl_problems else []
    if not status.crl_sources:
        return section("crls", "CRLs", *content, paragraph(Markup("There is no source of CRLs.")))
    rows = [_crl_source_row(one) for one in status.crl_sources]
    content.append(table("crl-sources", "Sources of CRLs", _SOURCE_COLUMNS, rows))
    in_use = [_crl_row(source, crl, status) for source in status.crl_sources for crl in source.crls]
    if in_use:
        content.append(table("crls", "CRLs in use", _CRL_COLUMNS, in_use))
    else:
        content.append(paragraph(Markup("No CRL is in use.")))
    return section("crls", "CRLs", *content)


def _crl_source_row(one: CrlSource) -> tuple[Markup, ...]:
    return (
        text(one.label),
        Markup(f"{'URL' if one.fetched else 'file'}{'' if one.required else ', optional'}"),
        moment(one.last_attempt),
        moment(one.last_success),
        number(one.rejected),
        badge(one.standing),
        bullets(one.problems) if one.problems else NOTHING,
    )


def _crl_row(source: CrlSource, one: Crl, status: Status) -> tuple[Markup, ...]:
    of_kind = Markup(" (delta)" if one.delta else "")
    return (
        Markup(f"{text(one.issuer)}{of_kind}"),
        text(source.label),
        NOTHING if one.number is None else code(str(one.number)),
        number(one.entries),
        span(one.this_update, status.at),
        moment(one.this_update),
        moment(one.next_update),
        NOTHING if one.next_update is None else until(status.at, one.next_update),
    )


def policies(status: Status) -> Markup:
    """Return what each policy decided."""
    columns = (
        Column("Policy"),
        Column("Hits", numeric=True),
        Column("Allowed", numeric=True),
        Column("Denied", numeric=True),
    )
    rows = [(_policy_name(one), number(one.hits), number(one.allowed), number(one.denied)) for one in status.policies]
    caption = "Checks by policy, in the order in which they are tried, since the start"
    return section("policies", "Policies", table("policies", caption, columns, rows))


def _policy_name(one: Policy) -> Markup:
    if not one.name:
        return _BEFORE_A_POLICY
    return text(one.name) if one.configured else Markup(f"{text(one.name)} <em>(no longer configured)</em>")


def denials(status: Status) -> Markup:
    """Return the last denials."""
    content: list[Markup] = []
    if status.denials_late:
        late = f"{number(status.denials_late)} of the workers did not answer in time; what is here of them is older."
        content.append(paragraph(Markup(late)))
    if status.denials_ended:
        ended = f"{number(status.denials_ended)} of the workers have ended since the start, and what they noted here"
        content.append(paragraph(Markup(f"{ended} with them; the decision log has it.")))
    if not status.denials:
        content.append(paragraph(Markup("None since the processes that run now were started.")))
        return section("denials", "Last denials", *content)
    columns = [Column("Time"), Column("Reason"), Column("Policy"), Column("Listener"), Column("Certificate")]
    if status.identities:
        columns.append(Column("Subject, as claimed"))
    columns.append(Column("Decision id"))
    rows = []
    for one in status.denials:
        cells = [
            moment(one.at),
            text(one.reason),
            text(one.policy) if one.policy else _BEFORE_A_POLICY,
            text(one.listener),
            NOTHING if one.fingerprint8 is None else code(one.fingerprint8),
        ]
        if status.identities:
            cells.append(NOTHING if one.subject is None else text(one.subject))
        rows.append([*cells, code(one.decision_id)])
    caption = f"The last denials, the newest first: {len(rows)}"
    return section("denials", "Last denials", *content, table("denials", caption, columns, rows))
