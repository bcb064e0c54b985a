"""Reads the files that commands name: texts, and request bodies."""

import json

import click

import ctxpack
from ctxpack.cli.failures import Failure
from ctxpack.errors import CtxpackError
from ctxpack.likeness import likeness


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
            place = f"{name}, line {number}" if len(bodies) > 1 else name
            raise Failure(f"{place}: {error}{_held(body)}") from None
    return prompts


def _bodies(name: str) -> dict[int, bytes]:
    """The JSON texts in a file by line number; a file that is one text has it on line 1."""
    data = read(name).rstrip()
    if not data:
        raise Failure(f"{name}: the file is empty")
    if kind := likeness(data):
        raise Failure(f"{name}: not JSON text{kind}")
    try:
        json.loads(data, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            at = len(data) - len(error.doc[error.pos :].encode(errors="surrogatepass"))
            raise Failure(f"{name}: not JSON: {error.msg} at byte {at}") from None
        return {number: line for number, line in enumerate(data.split(b"\n"), 1) if line.strip()}
    except UnicodeDecodeError:
        raise Failure(f"{name}: not JSON text: it is not UTF-8") from None
    except RecursionError:
        raise Failure(f"{name}: nested too deep") from None
    return {1: data}


def _held(record: bytes) -> str:
    """Where the body is, if what was given for one is a record of a call, as logs have it."""
    try:
        members = json.loads(record)
    except (ValueError, RecursionError):
        return ""
    held = members.get("request") if isinstance(members, dict) else None
    return "; it is a record of a call, whose `request` is the body" if isinstance(held, dict) else ""


def model_of(prompt: "ctxpack.Prompt") -> str:
    """The model that a body names."""
    if not prompt.model:
        raise click.UsageError("the body names no model: give --model")
    return prompt.model
