"""Workspace: a throw-away copy of the repository, and the tools that really run in it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from examples.recorder.plan import Call

_SECONDS = 300
_DURATION = re.compile(r"\bin \d+\.\d+s\b")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")


class Result(NamedTuple):
    """What a call gave back, and whether it failed."""

    text: str
    failed: bool


class Workspace:
    """Runs tool calls in a copy of the repository. Thread-safety: none; calls change the copy."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self._environment = _environment(home)
        self._tools: dict[str, Callable[..., Result]] = {
            "bash": self._bash,
            "edit_file": self._edit_file,
            "read_file": self._read_file,
            "search": self._search,
        }

    def call(self, call: Call) -> Result:
        """Runs one call; what it prints is the same on every machine with the same repository and Python."""
        try:
            result = self._tools[call.tool](**call.input)
        except OSError as error:
            result = Result(f"{call.input['path']}: {error.strerror}", True)
        return Result(self._scrub(result.text), result.failed)

    def git(self, *arguments: str) -> str:
        """Output of a git command that must succeed."""
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self._environment, check=True, capture_output=True, text=True
        ).stdout

    def _bash(self, command: str) -> Result:
        done = self._run("bash", "-c", command)
        if done.returncode:
            return Result(f"{done.stdout}exit code {done.returncode}", True)
        return Result(done.stdout.rstrip("\n") or "(no output)", False)

    def _search(self, pattern: str, path: str = ".") -> Result:
        found = self._run("git", "grep", "-n", "-E", "-e", pattern, "--", path).stdout.splitlines()
        return Result("\n".join([*found, f"{len(found)} matching lines"]), False)

    def _read_file(self, path: str, offset: int = 1, limit: int = 2000) -> Result:
        lines = (self.root / path).read_text(encoding="utf-8").splitlines()
        chosen = enumerate(lines[offset - 1 : offset - 1 + limit], offset)
        return Result("\n".join(f"{number:6}\t{line}" for number, line in chosen), False)

    def _edit_file(self, path: str, old: str, new: str) -> Result:
        text = (self.root / path).read_text(encoding="utf-8")
        if text.count(old) != 1:
            return Result(f"{path} was not changed: the old text occurs {text.count(old)} times, not once", True)
        (self.root / path).write_text(text.replace(old, new), encoding="utf-8")
        return Result(f"{path} was changed", False)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def _scrub(self, text: str) -> str:
        """Leaves out what differs from run to run and from machine to machine."""
        local = text.replace(f"{self.root}{os.sep}", "").replace(str(self.root), ".").replace(sys.prefix, ".venv")
        return _ADDRESS.sub("0x0", _DURATION.sub("in 1.00s", local))


@contextmanager
def workspace(repository: Path, commit: str) -> Iterator[Workspace]:
    """A copy of the repository at a commit, with a history but no remote, gone at the end.

    Raises:
        subprocess.CalledProcessError: the repository has no such commit.
    """
    with TemporaryDirectory() as folder:
        home, root = Path(folder).resolve(), Path(folder).resolve() / "repository"
        root.mkdir()
        copy = Workspace(root, home)
        copy.git("clone", "--quiet", "--no-checkout", str(repository.resolve()), ".")
        copy.git("checkout", "--quiet", "-B", "main", commit)
        copy.git("remote", "remove", "origin")
        copy.git("config", "core.abbrev", "7")
        yield copy


def _environment(home: Path) -> dict[str, str]:
    """Everything a command sees of the machine: where programs are, and nothing of the user."""
    stamp = "2026-11-23T12:00:00+00:00"
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": "-p no:cacheprovider",
        "RUFF_NO_CACHE": "true",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Example Agent",
        "GIT_AUTHOR_EMAIL": "agent@example.invalid",
        "GIT_AUTHOR_DATE": stamp,
        "GIT_COMMITTER_NAME": "Example Agent",
        "GIT_COMMITTER_EMAIL": "agent@example.invalid",
        "GIT_COMMITTER_DATE": stamp,
    }
