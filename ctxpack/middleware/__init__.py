"""Middleware: pre-send hooks, one thin file per framework. Nothing of a framework is imported here."""


def missing(sdk: str, version: str) -> ImportError:
    """The error where an SDK is not installed, or is older than the version that its adapter needs."""
    return ImportError(
        f"ctxpack.middleware.{sdk} needs {sdk} {version} or later: pip install 'ctxpack[{sdk}]' ('.[{sdk}]' in a clone)"
    )
