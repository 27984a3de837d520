"""For each alert the series that must fire it, and those that come close and must not."""
