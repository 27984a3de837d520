"""A release whose parts are not of one version is not made."""

from pathlib import Path

import pytest
from release_notes import release_notes

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- What comes later.

## [1.2.3] - 2026-11-27

### Fixed

- What was wrong.

## [1.2.2] - 2026-10-01

- What was before.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "charts" / "extauthz").mkdir(parents=True)
    (tmp_path / "charts" / "extauthz" / "Chart.yaml").write_text('name: x\nversion: 1.2.3\nappVersion: "1.2.3"\n')
    return tmp_path


def test_the_notes_are_the_section_of_the_version(project: Path) -> None:
    assert release_notes("v1.2.3", project, version="1.2.3") == "### Fixed\n\n- What was wrong.\n"


def test_the_last_section_ends_with_the_file(project: Path) -> None:
    (project / "charts" / "extauthz" / "Chart.yaml").unlink()
    assert release_notes("v1.2.2", project, version="1.2.2") == "- What was before.\n"


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2.4", "v1.2.3-rc1"])
def test_a_tag_of_another_version_is_refused(project: Path, tag: str) -> None:
    with pytest.raises(ValueError, match=rf"the tag is '{tag}', the package says v1\.2\.3"):
        release_notes(tag, project, version="1.2.3")


@pytest.mark.parametrize("field", ["version", "appVersion"])
def test_a_chart_of_another_version_is_refused(project: Path, field: str) -> None:
    chart = project / "charts" / "extauthz" / "Chart.yaml"
    chart.write_text(chart.read_text().replace(f"\n{field}: ", f"\n{field}: 0.").replace('0."1.2.3"', "0.1.2.3"))
    with pytest.raises(ValueError, match=rf"Chart.yaml: {field} is 0\.1\.2\.3, not 1\.2\.3$"):
        release_notes("v1.2.3", project, version="1.2.3")


def test_a_version_that_the_changelog_does_not_know_is_refused(project: Path) -> None:
    (project / "charts" / "extauthz" / "Chart.yaml").unlink()
    with pytest.raises(ValueError, match=r"CHANGELOG.md: no section `## \[2.0.0\] - YYYY-MM-DD`"):
        release_notes("v2.0.0", project, version="2.0.0")


def test_every_problem_is_told_at_once(project: Path) -> None:
    with pytest.raises(ValueError, match="the tag") as refused:
        release_notes("v3.0.0", project, version="2.0.0")
    assert len(str(refused.value).splitlines()) == 4
