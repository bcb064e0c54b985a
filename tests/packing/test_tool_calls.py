"""What tools do, by their names and arguments."""

from time import process_time

import pytest

from ctxpack.packing import Policy
from ctxpack.packing.retrieval import TOOL_NAME
from ctxpack.packing.texts import texts
from ctxpack.packing.tool_calls import ToolCall
from ctxpack.packing.tool_names import tool_names
from ctxpack.prompts import Prompt

from . import laws
from .conversations import MODELS, Step, bodies


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
        *("fetch_file", "get_file_contents", "getFileContents", "load_file", "loadFile", "get_content", TOOL_NAME),
        *("git_diff", "mcp__git__git_diff_staged", "GitDiff"),
    ],
)
def test_what_reads_a_file_may_be_quoted(name: str) -> None:
    assert ToolCall(name).is_quotable
    assert ToolCall(name).is_read


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
        *("apply_diff", "apply-diff", "applyDiff", "difference"),
        *("showcase", "openai_search", "concatenate", "Bash", "query", "overview", ""),
    ],
)
def test_a_word_within_a_word_says_nothing(name: str) -> None:
    assert not ToolCall(name).is_quotable
    assert not ToolCall(name).is_read


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat a.py", True),
        ("git show HEAD", True),
        ("git --no-pager -C /srv/app diff -- a.py", True),
        ("git -c color.ui=never show HEAD:a.py", True),
        ("git stash show -p", True),
        ("git blame a.py", True),
        ("git -C /srv/app push origin", False),
        ("diff -u a.py b.py", True),
        ("gh pr diff 12", True),
        ("black --diff a.py", True),
        ("git cat-file -p HEAD:a.py", True),
        ("/bin/cat a.py", True),
        ("cat<<EOF", True),
        ("$(cat a.py)", True),
        ("npm install diff-match-patch", False),
        ("pytest tests/diff/test_a.py", False),
        ("python diff.py", False),
        ("npm run build:diff", False),
        ("stylelint src/style.less", False),
        ("curl --head example.org", False),
        ("python tail.py", False),
        ("ls src/more/", False),
        ("make all", False),
        ("pytest -k category", False),
        ("tail -n 50 build/app.log", False),
        ("cat out.log | tail -5", False),
        ("cat app.log a.py", True),
        ("tail log", True),
        ("nl -ba src/a.py", True),
        ("locale -a | grep nl", False),
        ("Get-Content config.json", True),
        ("type config.json", True),
        ("cd src && type a.py", True),
        ("mypy --type x", False),
    ],
)
def test_commands_that_print_files_may_be_quoted(command: str, expected: bool) -> None:
    assert ToolCall("Bash", command).is_quotable is expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (ToolCall("Grep", "x"), True),
        (ToolCall("code_search", "x"), True),
        *((ToolCall("Bash", command), True) for command in ("grep -n x a.py", "rg x", "zgrep x a.gz", "svn diff a.py")),
        (ToolCall("Bash", "kubectl logs elasticsearch-0"), False),
        (ToolCall("Bash", "journalctl -u global-api"), False),
        (ToolCall("Bash", "make different"), False),
    ],
)
def test_what_shows_lines_of_files_is_no_log(call: ToolCall, expected: bool) -> None:
    assert call.is_search is expected


def test_many_options_of_git_are_read_in_no_time() -> None:
    before = process_time()
    assert not ToolCall("Bash", "git " + "-a b " * 2000).is_quotable
    assert process_time() - before < 0.5


def called(name: str, arguments: dict[str, object], dialect: str = "anthropic.messages") -> ToolCall:
    """The call of a prompt that makes one."""
    body = bodies([Step("", False, [("call", name, arguments)], ["result"])], dialect)[-1]
    found = texts(Prompt.parse(laws.dumped(body)), Policy("plain"))
    return next(text.call for text in found if text.is_result)


@pytest.mark.parametrize("dialect", sorted(MODELS))
@pytest.mark.parametrize("name", ["str_replace_based_edit_tool", "str_replace_editor"])
def test_of_a_tool_that_does_several_things_the_action_counts(name: str, dialect: str) -> None:
    view, replace, create = (
        called(name, {"command": command, "path": "/a/b.json"}, dialect)
        for command in ("view", "str_replace", "create")
    )
    assert [call.is_quotable for call in (view, replace, create)] == [True, False, False]
    assert [call.is_read for call in (view, replace, create)] == [True, False, False]
    assert [call.is_write for call in (view, replace, create)] == [False, False, True]
    assert [call.is_change for call in (view, replace, create)] == [False, True, True]
    assert view.subject == "/a/b.json"


@pytest.mark.parametrize("dialect", sorted(MODELS))
def test_a_command_may_be_a_list_of_its_words(dialect: str) -> None:
    shows = called("shell", {"command": ["bash", "-lc", "cat config.json"]}, dialect)
    makes = called("shell", {"command": ["bash", "-lc", "make all"]}, dialect)
    assert shows.is_quotable
    assert not makes.is_quotable
    assert shows.subject == "bash -lc cat config.json"
    assert called("cmd", {"cmd": ["cmd", "/c", "type config.json"]}, dialect).is_quotable


@pytest.mark.parametrize("path", ["/srv/app/a.py", "/srv/./app/a.py", "/srv//app/a.py", "/srv/lib/../app/a.py"])
def test_one_file_is_one_subject_however_its_path_is_spelled(path: str) -> None:
    assert called("Read", {"file_path": path}).subject == "/srv/app/a.py"


@pytest.mark.parametrize(
    "path", ["https://a.example//b/../c", "s3://bucket//key", r"C:\srv\..\a.py", "//server/share/a"]
)
def test_what_is_no_path_of_this_kind_stays_as_it_is(path: str) -> None:
    assert called("read", {"path": path}).subject == path


def test_a_call_is_about_its_file_and_not_what_it_puts_there() -> None:
    assert called("write", {"content": "import os\n", "filePath": "/srv/app/a.py"}).subject == "/srv/app/a.py"


def test_what_answers_a_running_command_writes_no_file() -> None:
    call = called("write_stdin", {"session_id": 7, "chars": "y\n"})
    assert not call.is_write
    assert not call.is_change


def test_a_command_that_runs_somewhere_is_no_action() -> None:
    assert called("run", {"command": "npm create x", "path": "/srv"}).doing == "run"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (ToolCall("Read", "/srv/app/src/a.py"), "Read src/a.py"),
        (ToolCall("Read", "a.py"), "Read a.py"),
        (ToolCall("Bash", "make  -C /srv/app\n&& make test"), "Bash make -C /srv/app && make test"),
        (ToolCall("query", "x" * 60), f"query {'x' * 48}"),
        (ToolCall("list"), "list"),
        (ToolCall(), "a tool result"),
    ],
)
def test_a_label_is_short_and_on_one_line(call: ToolCall, expected: str) -> None:
    assert call.label == expected


def test_the_names_say_where_they_come_from() -> None:
    names = tool_names()
    assert names.as_of > "2026"
    assert all(source.title and source.where.startswith("https://") for source in names.sources)
