"""Reading sessions: list, statistics, peaks, changes, recovery, export, report."""
