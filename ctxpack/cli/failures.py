"""Errors of the command line: one clear line and exit code 2; an interrupt is exit code 130."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from signal import SIGINT
from typing import Any, TextIO

import click

from ctxpack.errors import CtxpackError
from ctxpack.output import one_line

# As shells have it.
_INTERRUPTED = 128 + SIGINT


class Failure(click.ClickException):
    """One line on standard error, exit code 2. It may quote names from files, which must not steer the terminal."""

    exit_code = 2

    def format_message(self) -> str:
        return one_line(self.message)


class Commands(click.Group):
    """Turns every error of ours, and of writing, into one clear line and exit code 2."""

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **extra)
        except OSError:  # nor can standard error be written, which would say so
            _give_up(sys.stdout, sys.stderr)
            raise SystemExit(Failure.exit_code) from None

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        _open_what_is_closed()
        with _one_line():  # of the help, too, which is printed here
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> object:
        with _one_line():
            return super().invoke(ctx)


def _open_what_is_closed() -> None:
    """Has a stream that the shell closed, which Python leaves None, fail when it is used; only errors get lost."""
    for name, mode, flags in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8", closefd=False))


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # at the end of the process, a traceback would say that it failed
    except CtxpackError as error:
        raise Failure(str(error)) from None
    except RuntimeError as error:
        # No CtxpackError, or an audit would take every call for one that cannot be counted.
        if "CTXPACK_CPU_LEVEL" not in str(error):
            raise
        raise Failure(str(error)) from None
    except KeyboardInterrupt:
        click.echo("\nAborted!", err=True)
        raise SystemExit(_INTERRUPTED) from None
    except BrokenPipeError:
        _give_up(sys.stdout, sys.stderr)
        raise SystemExit(0) from None
    except OSError as error:
        if error.filename is None:
            _give_up(sys.stdout)
        raise Failure(f"{error.filename or 'output'}: {error.strerror}") from None


def _give_up(*streams: TextIO) -> None:
    """What could not be written is not tried again at the end of the process."""
    for stream in streams:
        with suppress(OSError):
            stream.close()
