"""`python -m ctxpack` is the command line."""

from ctxpack.cli import main

main(prog_name="ctxpack")
