"""What is known of each file and URL, for people."""

from collections.abc import Iterator
from dataclasses import replace

from extauthz.refresh.content import summary
from extauthz.refresh.file_feed import FileFeed
from extauthz.refresh.judge import Judged
from extauthz.refresh.snapshot import FeedStatus
from extauthz.refresh.url_feed import UrlFeed


def feed_statuses(files: tuple[FileFeed, ...], urls: tuple[UrlFeed, ...], judged: Judged) -> Iterator[FeedStatus]:
    """Yield the status of every feed, in the order in which they were judged."""
    for number, file in enumerate(files):
        yield _status(
            FeedStatus(
                label=file.label,
                where=str(file.path),
                required=file.required,
                last_attempt=file.last_attempt,
                last_success=file.last_success,
                problem=file.problem,
                rejected=len(file.content.rejected),
            ),
            number,
            judged,
        )
    for number, feed in enumerate(urls, start=len(files)):
        state = feed.state
        yield _status(
            FeedStatus(
                label=feed.source.label,
                where=feed.source.where,
                required=feed.source.required,
                last_attempt=state.last_attempt,
                last_success=state.last_success,
                problem=state.problem,
                rejected=len(state.content.rejected),
                fetched=True,
            ),
            number,
            judged,
        )


def _status(status: FeedStatus, number: int, judged: Judged) -> FeedStatus:
    used, refused = judged.used.get(number, ()), judged.refused.get(number, ())
    why = [one.why for one in refused]
    return replace(
        status,
        crls=tuple({one.sha256: one for one in used}.values()),
        rejected=status.rejected + len(refused),
        problem=summary([*([status.problem] if status.problem else []), *why]),
    )
