"""Errors of the command line: one clear line and exit code 2."""

import sys

import click

from ctxpack.errors import CtxpackError


class Failure(click.ClickException):
    """One line on standard error, exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """Turns every error of ours into one clear line and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CtxpackError as error:
            raise Failure(str(error)) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(0) from None
        except OSError as error:
            raise Failure(f"{error.filename or 'output'}: {error.strerror}") from None
