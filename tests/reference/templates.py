"""Logs as templates and values, read slowly."""

import re


def restored(text: str) -> str:
    """What a patient reader makes of a log below its header."""
    header, *lines = text.split("\n")
    count, templates = map(int, re.findall(r" (\d+) lines as (\d+) template", header)[0])
    patterns = {line[0]: line[3:] for line in lines[:templates]}
    rows = lines[templates:]
    assert len(rows) == count
    return "\n".join(_filled(row, patterns) for row in rows)


def _filled(row: str, patterns: dict[str, str]) -> str:
    name, *values = row.split(" ")
    if name not in patterns:
        return row
    filled = patterns[name]
    assert filled.count("{}") == len(values)
    for value in values:
        filled = filled.replace("{}", value, 1)
    return filled
