"""The whole suite runs on every core; of a few files, starting the others would take longer than they save."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    is_worker = hasattr(config, "workerinput")
    if is_whole and not is_worker and config.pluginmanager.hasplugin("xdist") and not config.option.usepdb:
        config.option.numprocesses = config.option.numprocesses or "auto"
