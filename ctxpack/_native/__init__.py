"""The native core, and what converts to and from it."""

try:
    __import__("ctxpack._native.encoding")  # all modules here are built together
except ModuleNotFoundError as error:
    if error.name != "ctxpack._native.encoding":
        raise
    raise ImportError(
        f"the native core of ctxpack is not built in {__path__[0]}, where Python found ctxpack first: "
        "start Python in another folder to use what is installed, or build it here by `pip install -e .`"
    ) from None
