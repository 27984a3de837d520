"""The status page as HTML: one document without script, image, form or anything from elsewhere."""

from typing import Final

from extauthz.service.status import sections
from extauthz.service.status.markup import Markup, badge, joined, moment
from extauthz.service.status.model import Standing, Status
from extauthz.service.status.style import STYLE

_PARTS: Final = (
    ("overview", "Overview", sections.overview),
    ("listeners", "Listeners", sections.listeners),
    ("sources", "Sources", sections.sources),
    ("anchors", "Trust anchors", sections.anchors),
    ("crls", "CRLs", sections.crls),
    ("policies", "Policies", sections.policies),
    ("denials", "Last denials", sections.denials),
)


def html_bytes(status: Status) -> bytes:
    """Return the document, in UTF-8."""
    phase = badge(_standing(status), status.phase.replace("_", " "))
    links = joined(Markup(f'<li><a href="#{name}">{title}</a></li>') for name, title, _ in _PARTS)
    content = joined((write(status) for _, _, write in _PARTS), "\n")
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>extauthz status</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>extauthz status</h1>
<p>{phase} as of {moment(status.at)}; load the page again for news</p>
<nav aria-label="Parts of this page"><ul>{links}</ul></nav>
</header>
<main id="content" tabindex="-1">
{content}
</main>
<footer>
<p>For programs: <a href="?format=json">the same as JSON</a>. Numbers over time: <a href="/metrics">metrics</a>.</p>
</footer>
</body>
</html>
""".encode()


def _standing(status: Status) -> Standing:
    return Standing.GOOD if status.ready else Standing.ATTENTION
