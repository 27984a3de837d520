"""The one style sheet of the status page, and the policy that lets a browser apply nothing else.

Colours are pairs of text and ground with a contrast of 4.5 to 1 or more in both schemes; a test measures them in a
browser. The page is readable without any of this.
"""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --ground: #f6f8fa; --card: #ffffff; --text: #1f2328; --quiet: #57606a; --line: #d0d7de; --link: #0550ae;
  --good: #0f5323; --good-ground: #dafbe1; --attention: #6b4500; --attention-ground: #fff3c4;
  --bad: #8f0d22; --bad-ground: #ffe5e8; --row: #f3f5f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #161b22; --text: #e6edf3; --quiet: #a5b0bb; --line: #3a434d; --link: #8cc2ff;
    --good: #8ce6a9; --good-ground: #12301d; --attention: #f3cf70; --attention-ground: #362a08;
    --bad: #ffb3ab; --bad-ground: #45161c; --row: #1b2129;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
body { margin: 0; background: var(--ground); color: var(--text); }
header, main, footer { max-width: 80rem; margin: 0 auto; padding: 0 1rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; top: 0; padding: .5rem 1rem; background: var(--card); }
.skip:focus { left: 0; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 1.5rem 0 .5rem; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: 0 0 .75rem; }
header p { color: var(--quiet); }
header p .badge { margin-right: .5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 1rem; padding: 0; list-style: none; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
section { padding: 1rem; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); }
dl { gap: .75rem 1.5rem; margin: 0; }
dt, caption, .none { color: var(--quiet); }
dt { font-size: .875rem; }
dd { margin: 0; }
dd, li, p, .sentence { overflow-wrap: anywhere; }
ul { margin: 0 0 .75rem; padding-left: 1.25rem; }
td ul { margin: 0; padding-left: 1rem; }
td ul, td .sentence { min-width: 14rem; }
.wide { overflow-x: auto; margin: 0 0 .75rem; }
section > .wide:last-child { margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
caption { text-align: left; padding: 0 0 .5rem; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; white-space: nowrap; }
tbody th { font-weight: 600; }
tbody tr:nth-child(even) { background: var(--row); }
time, data, td code { white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: 0 .6rem; border-radius: 1rem; font-size: .875rem; font-weight: 600; }
.good { color: var(--good); background: var(--good-ground); }
.attention { color: var(--attention); background: var(--attention-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
footer { padding-bottom: 2rem; color: var(--quiet); font-size: .875rem; }
"""
_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")
CONTENT_SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""No script, no image, no connection, no frame: were markup ever to slip in, it could do nothing."""
