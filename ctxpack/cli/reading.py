"""Reads the files that commands name: texts, and request bodies."""

import json

import click

import ctxpack
from ctxpack.cli.failures import Failure
from ctxpack.errors import CtxpackError


def read(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`."""
    try:
        with click.open_file(name, "rb") as file:
            return bytes(file.read())
    except IsADirectoryError:
        raise Failure(f"{name}: it is a directory; name its files") from None
    except OSError as error:
        raise Failure(f"{name}: {error.strerror}") from None


def prompts_of(name: str) -> "list[ctxpack.Prompt]":  # not looked up before it is used: that imports much
    """The bodies in a file: one JSON object, or one a line."""
    bodies = _bodies(name)
    prompts = []
    for number, body in bodies.items():
        try:
            prompts.append(ctxpack.Prompt.parse(body))
        except CtxpackError as error:
            raise Failure(f"{name}{f', line {number}' if len(bodies) > 1 else ''}: {error}") from None
    return prompts


def _bodies(name: str) -> dict[int, bytes]:
    """The JSON texts in a file by line number; a file that is one text has it on line 1."""
    data = read(name).rstrip()
    if not data:
        raise Failure(f"{name}: the file is empty")
    try:
        json.loads(data, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise Failure(f"{name}: not JSON: {error.msg} at byte {error.pos}") from None
        return {number: line for number, line in enumerate(data.split(b"\n"), 1) if line.strip()}
    except (UnicodeDecodeError, RecursionError):
        raise Failure(f"{name}: not JSON text") from None
    return {1: data}


def model_of(prompt: "ctxpack.Prompt") -> str:
    """The model that a body names."""
    if not prompt.model:
        raise click.UsageError("the body names no model: give --model")
    return prompt.model
