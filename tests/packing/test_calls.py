"""What tools do, by their names and arguments."""

import pytest

from ctxpack.packing.calls import Call
from ctxpack.packing.retrieval import TOOL_NAME


@pytest.mark.parametrize(
    "name",
    [
        *("Read", "read", "read_file", "ReadFile", "readfile", "NotebookRead", "ReadMcpResourceTool", "READ_FILE"),
        *(
            "mcp__filesystem__read_text_file",
            "view",
            "view_image",
            "open",
            "open_file",
            "openFile",
            "cat",
            "show_lines",
        ),
        *("fetch_file", "get_file_contents", "getFileContents", TOOL_NAME),
    ],
)
def test_what_reads_a_file_may_be_quoted(name: str) -> None:
    assert Call(name).is_quotable
    assert Call(name).is_read


@pytest.mark.parametrize(
    "name",
    [
        *(
            "code_review",
            "create_pull_request_review",
            "thread_list",
            "listThreads",
            "catalog_search",
            "spreadsheet_query",
        ),
        *("showcase", "openai_search", "concatenate", "Bash", "query", "overview", ""),
    ],
)
def test_a_word_within_a_word_says_nothing(name: str) -> None:
    assert not Call(name).is_quotable
    assert not Call(name).is_read


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat a.py", True),
        ("git show HEAD", True),
        ("make all", False),
        ("pytest -k category", False),
        ("tail -n 50 build/app.log", False),
        ("cat out.log | tail -5", False),
        ("cat app.log a.py", True),
        ("tail log", True),
    ],
)
def test_commands_that_print_files_may_be_quoted(command: str, expected: bool) -> None:
    assert Call("Bash", command).is_quotable is expected
