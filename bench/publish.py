"""Put the figures of a run into docs/benchmarks.md: ``python bench/publish.py build/bench/figures.json``.

What stands between a pair of markers is replaced, the rest of the page is left alone, and the pictures that lie beside
the JSON are copied. ``build/bench/soak.json`` can be given as well, or alone. Figures of a quick run, or of a part of
the table, are refused.
"""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any, Final

from report import comparisons, headline, not_run, table

DOCS: Final = Path(__file__).parent.parent / "docs"
PAGE: Final = DOCS / "benchmarks.md"
WIDTH: Final = 120
PICTURES: Final = {"latency": "benchmarks-latency.svg", "soak": "benchmarks-memory.svg"}


class PublishError(ValueError):
    """Figures that have no place on the page."""


def with_section(page: str, name: str, text: str) -> str:
    """Return the page with a text between the markers of this name. Raises PublishError when they are not there."""
    begin, end = f"<!-- figures: {name} -->", f"<!-- end of figures: {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        raise PublishError(f"the page must have `{begin}` and `{end}` once each")
    return pattern.sub(lambda _found: f"{begin}\n{text}\n{end}", page)


def bench_text(figures: Mapping[str, Any]) -> str:
    """Return what the page says of a run of ``make bench``."""
    settings = figures["settings"]
    if settings["quick"] or settings["only"]:
        raise PublishError("a quick run, or one of a part of the table, is not for the page")
    sentences = "\n".join(f"- {one}" for one in comparisons(figures))
    picture = f"![Latency against the load that is offered]({PICTURES['latency']})"
    parts = (fill(headline(figures), WIDTH), table(figures), sentences, fill(not_run(figures), WIDTH), picture)
    return "\n\n".join(part for part in parts if part)


def workers_text(figures: Mapping[str, Any]) -> str:
    """Return what the page says of a run of ``make bench-workers``."""
    about = figures["machine"]
    said = (
        f"{about['cpu']}, {about['cores']} cores, Python {about['python']}, {figures['date']}: "
        f"{figures['connections']} connections x {figures['streams']} streams, medians of "
        f"{figures['rounds']} rounds. CPU is of all processes together, and so is what is resident."
    )
    return f"{fill(said, WIDTH)}\n\n{rows_as_table(figures['rows'])}"


def rows_as_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows with the same keys as a Markdown table."""
    columns = list(rows[0])
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in rows:
        cells = [f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for name in columns]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def soak_text(figures: Mapping[str, Any]) -> str:
    """Return what the page says of a run of ``make bench-soak``."""
    first, last = figures["samples"][0], figures["samples"][-1]
    about = figures["machine"]
    mix = figures["mix"]
    whole = sum(mix.values())
    said = (
        f"{about['cpu']}, {about['cores']} cores, Python {about['python']}, {figures['date']}, {figures['side']}: "
        f"{figures['checks']:,} checks in {figures['seconds']:,} s. Of {whole:,} checks {mix['known']} were about "
        f"clients of a fixed set, {mix['denied']} without a certificate, {mix['new']} about a client never seen before "
        f"or after. Resident: {first['resident']:.0f} MiB after the first seconds, {last['resident']:.0f} at the end; "
        f"{figures['growth MiB']:+.1f} MiB from the time the caches were full."
    )
    return f"{fill(said, WIDTH)}\n\n![Memory over the checks answered]({PICTURES['soak']})"


def publish(page: str, figures: Mapping[str, Any] | None, soak: Mapping[str, Any] | None) -> str:
    """Return the page with the figures that are given."""
    if figures is not None:
        page = with_section(page, "bench", bench_text(figures))
    if soak is not None:
        page = with_section(page, "soak", soak_text(soak))
    return page


def _kind(figures: Mapping[str, Any]) -> str:
    if "samples" in figures:
        return "soak"
    return "workers" if "connections" in figures else "latency"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and copy the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "json", type=Path, nargs="+", help="figures.json of `make bench`, soak.json of `make bench-soak`, workers.json"
    )
    read: dict[str, Mapping[str, Any]] = {}
    pictures: dict[Path, Path] = {}
    for path in parser.parse_args(arguments).json:
        figures = json.loads(path.read_text(encoding="utf-8"))
        kind = _kind(figures)
        read[kind] = figures
        if kind in PICTURES:
            pictures[path.parent / f"{kind}.svg"] = DOCS / PICTURES[kind]
    try:
        page = publish(PAGE.read_text(encoding="utf-8"), read.get("latency"), read.get("soak"))
        if (workers := read.get("workers")) is not None:
            page = with_section(page, "workers", workers_text(workers))
    except PublishError as error:
        print(error, file=sys.stderr)
        return 1
    for source, target in pictures.items():
        shutil.copyfile(source, target)
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
