"""The whole suite runs on every core; of a few files, starting the others would take longer than they save.

Where `CI` is set, properties draw the same examples each time: what fails there is of the change. Others are drawn by
each run elsewhere; `--hypothesis-profile long` draws 20,000 for each property instead of 100, for a night of fuzzing.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says nothing about it on a machine that does other things, too.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", settings.get_profile("untimed"), derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "untimed")
settings.register_profile("long", max_examples=20_000, suppress_health_check=list(HealthCheck))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    is_worker = hasattr(config, "workerinput")
    if is_whole and not is_worker and config.pluginmanager.hasplugin("xdist") and not config.option.usepdb:
        config.option.numprocesses = config.option.numprocesses or "auto"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of added vocabularies: none of the user's own, and not there yet."""
    monkeypatch.setenv("CTXPACK_VOCABULARIES", str(tmp_path / "added"))
    return tmp_path / "added"
