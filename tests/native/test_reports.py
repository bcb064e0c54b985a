"""Lines that report errors: one table, and everything that looks for them by it."""

import pytest

from ctxpack._native.lines import reports
from ctxpack.packing.selection import select
from ctxpack.packing.summaries.wording import error_line
from ctxpack.packing.templates import templating
from ctxpack.tokens import encoding

O200K = encoding("o200k_base")

REPORTS = [
    "ERROR: could not bind",
    "ValueError: bad literal",
    "Traceback (most recent call last):",
    "java.lang.NullPointerException",
    "thread 'main' panicked at src/main.rs:4",
    "fatal: not a git repository",
    "E       assert 1 == 2",
    "1 failed, 11 passed",
    "10 errors",
    "0 failed, 1 error",
    "3 failures, no errors",
    "casino errors",
    "1,000 errors",
    "build FAILED",
    "bash: cargo: command not found",
    "cat: x.py: No such file or directory",
    "Permission denied (publickey).",
    "exit code 1",
    "Exit Status:  127",
]
NO_REPORTS = [
    "",
    "0 failed, 12 passed",
    "12 passed, 0 errors",
    "No errors found in 157 source files",
    "finished without exceptions",
    "exit code 0",
    "exit code",
    "exit status:",
    "all is well",
    "12 passed",
    "the year of the cat",
    "é\udcff→",
]
CASES = [*((line, True) for line in REPORTS), *((line, False) for line in NO_REPORTS)]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_the_table(line: str, expected: bool) -> None:
    assert reports(line) == reports(line.upper()) == reports(f"> {line} <") == expected


def test_a_line_is_a_str() -> None:
    with pytest.raises(TypeError):
        reports(b"error")


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_summaries_go_by_it(line: str, expected: bool) -> None:
    assert (error_line(f"ok\n{line}\nok", 200) != "") == expected


@pytest.mark.parametrize("line", REPORTS)
def test_selection_goes_by_it(line: str) -> None:
    """Among lines that say much, one that says little stays only as a report."""
    long = [f"{n:03} job worker-{n} took {n * 7919} ms in queue_{n} for customer_{n * 31}" for n in range(300)]
    text = "\n".join([*long[:150], line, *long[150:]])
    assert line in select(text, "worker queue customer", 400, O200K).text.split("\n")


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_logs_go_by_it(line: str, expected: bool) -> None:
    """Lines that differ in a number become a template, but reports stand as they are."""
    jobs = [f"10:00:{n:02} worker-{n % 3} job {n * 7919} done" for n in range(120)]
    alike = [f"{line} ({n})" for n in range(20)]
    form = templating("\n".join([*jobs, *alike]), lambda: "0123abcd")
    assert form is not None
    assert (form[1].split("\n")[-20:] == alike) == expected
