"""The command line.

Exit codes: 0 all well, 1 findings (a divergence, cache misses), 2 wrong usage or unreadable input.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import ctxpack
from ctxpack.errors import CtxpackError
from ctxpack.output import Table, money, percent, show

if TYPE_CHECKING:
    from ctxpack.auditing import Audit

_MODEL = click.option("--model", help="Model name; by default the one the body names.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
_SECONDS = click.FloatRange(min=0)
_PLACE = click.Path(dir_okay=False, allow_dash=True)


class _Failure(click.ClickException):
    """One line on standard error, exit code 2."""

    exit_code = 2


class _Errors(click.Group):
    """Turns every error of ours into one clear line and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CtxpackError as error:
            raise _Failure(str(error)) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(0) from None
        except OSError as error:
            raise _Failure(f"{error.filename}: {error.strerror}") from None


@click.group(cls=_Errors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(ctxpack.__version__, prog_name="ctxpack")
def main() -> None:
    """Counts, packs, compares and forecasts LLM requests, and audits what they were billed.

    \b
    Example:
      ctxpack audit examples
    """


@main.command()
@click.argument("files", nargs=-1, type=_PLACE)
@click.option("--model", help="Count with the encoding of this model.")
@click.option("--encoding", help="Count with this encoding (default o200k_base).")
@_JSON
def count(files: tuple[str, ...], model: str | None, encoding: str | None, as_json: bool) -> None:
    """Counts the tokens of text files, or of standard input.

    \b
    Example:
      ctxpack count README.md --model gpt-5.6-sol
      git diff | ctxpack count
    """
    from ctxpack.tokens import exactness

    if model and encoding:
        raise click.UsageError("give --model or --encoding, not both")
    enc = ctxpack.encoding_for(model) if model else ctxpack.encoding(encoding or "o200k_base")
    kind = exactness(model) if model else "exact"
    counts = [(name, enc.count(_read(name))) for name in files or ("-",)]
    total = sum(tokens for _, tokens in counts)
    if as_json:
        _print_json({"encoding": enc.name, "kind": kind, "files": dict(counts), "tokens": total})
        return
    rows = (*counts, *([("total", total)] if len(counts) > 1 else []))
    show([Table(f"Tokens ({enc.name}, {kind})", ("file", "tokens"), rows)])


@main.command()
@click.argument("body", type=_PLACE)
@_MODEL
@click.option("--policy", default="lossless", show_default=True, help="lossless, balanced or tight.")
@click.option("--budget", type=int, help="Most tokens the packed prompt may have.")
@click.option("--store", type=click.Path(dir_okay=False), help="SQLite file to keep the originals of removed text in.")
@click.option("-o", "--output", type=_PLACE, default="-", show_default=True, help="Where the packed body goes.")
@_JSON
def pack(
    body: str, model: str | None, policy: str, budget: int | None, store: str | None, output: str, as_json: bool
) -> None:
    """Packs a request body: the packed body to standard output, what was done, why and what it saves to standard error.

    BODY is a JSON file, or a JSONL file of the bodies of one conversation, oldest first; - reads standard input.

    \b
    Example:
      ctxpack pack request.json --policy balanced -o packed.json
    """
    from ctxpack.packing.report_tables import tables

    prompts = _prompts(body)
    session = ctxpack.Session(model or _named(prompts[0]), policy, store=store, budget=budget)
    packed = [session.pack(prompt.dump()) for prompt in prompts]
    with click.open_file(output, "wb") as sink:
        sink.write(b"\n".join(item.dump() for item in packed) + b"\n")
    reports = [item.report for item in packed]
    if as_json:
        click.echo(json.dumps([report.to_dict() for report in reports]), err=True)
    else:
        show(tables(reports), sys.stderr)


@main.command("policy")
@click.argument("name", required=False)
@_JSON
def describe_policy(name: str | None, as_json: bool) -> None:
    """Says what the packing policy NAME, or each preset, does and what that may lose.

    \b
    Example:
      ctxpack policy balanced
    """
    from ctxpack.packing.describing import describe
    from ctxpack.packing.policy import PRESETS

    found = {preset: describe(preset) for preset in ([name] if name else PRESETS)}
    if as_json:
        _print_json({preset: [effect._asdict() for effect in effects] for preset, effects in found.items()})
    else:
        show([Table(preset, ("does", "may lose"), effects) for preset, effects in found.items()])


@main.command()
@click.argument("earlier", type=_PLACE)
@click.argument("later", type=_PLACE)
@_JSON
def diff(earlier: str, later: str, as_json: bool) -> None:
    """Says where and why the LATER body leaves the prefix of the EARLIER one. Exit code 1 if it does.

    \b
    Example:
      ctxpack diff turn-7.json turn-8.json
    """
    found = ctxpack.diff(_prompts(earlier)[-1], _prompts(later)[-1])
    if as_json:
        _print_json({"divergence": found.to_dict() if found else None})
    elif found is None:
        show([Table("The later body continues the earlier one", (), ())])
    else:
        rows = tuple((name.replace("_", " "), str(value)) for name, value in found.to_dict().items())
        show([Table("Divergence", ("what", "value"), rows)])
    raise SystemExit(1 if found else 0)


@main.command()
@click.argument("bodies", nargs=-1, required=True, type=_PLACE)
@_MODEL
@click.option("--gap", type=_SECONDS, default=30.0, show_default=True, help="Seconds between one body and the next.")
@_JSON
def forecast(bodies: tuple[str, ...], model: str | None, gap: float, as_json: bool) -> None:
    """Forecasts usage and input bill of the last of BODIES, the ones before it having been sent.

    \b
    Example:
      ctxpack forecast turn-7.json turn-8.json --gap 20
    """
    from ctxpack.caching import cache_model
    from ctxpack.caching import forecast as ahead
    from ctxpack.prefix import fingerprint
    from ctxpack.prompts import BlockCounter
    from ctxpack.providers import cache_rules, price

    prompts = [prompt for name in bodies for prompt in _prompts(name)]
    name = model or _named(prompts[-1])
    counter = BlockCounter(name, prompts[-1].dialect)
    cache = cache_model(cache_rules(name))
    prints = [fingerprint(prompt, counter) for prompt in prompts]
    for number, prompt in enumerate(prints[:-1]):
        cache.observe(prompt, number * gap)
    found = ahead(prints[-1], cache, price(name), (len(prints) - 1) * gap)
    if as_json:
        _print_json({"model": name} | found.to_dict())
        return
    usage = found.usage
    rows = (
        ("uncached tokens", usage.uncached),
        ("cache read tokens", usage.cache_read),
        ("cache write tokens", usage.cache_write + usage.cache_write_long),
        ("chance of the read", "unknown" if found.probability is None else percent(found.probability)),
        ("input bill", money(found.expected, found.currency)),
        ("without a cache", money(found.uncached, found.currency)),
    )
    show([Table(f"Forecast for {name} (token counts: {found.tokens})", ("what", "value"), rows)])


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--policy", "policies", multiple=True, help="Packing policy to compare with (default: both presets).")
@_JSON
def audit(paths: tuple[str, ...], policies: tuple[str, ...], as_json: bool) -> None:
    """Audits logs: tokens, cost, cache misses with their causes, and what packing would have billed.

    PATHS are files or directories of Claude Code transcripts or of JSONL records {request, usage}; .gz too.
    Exit code 1 where there are misses.

    \b
    Example:
      ctxpack audit ~/.claude/projects
      ctxpack audit examples --json | jq .hit_rate
    """
    from ctxpack.auditing.tables import tables

    found = _audited(paths, policies or ("lossless", "balanced"))
    if as_json:
        _print_json(found.to_dict())
    else:
        show(tables(found))
    raise SystemExit(1 if found.findings else 0)


@main.group()
def vocab() -> None:
    """Lists, adds and checks the vocabularies that texts are counted with."""


@vocab.command("list")
@_JSON
def list_vocabularies(as_json: bool) -> None:
    """Lists the vocabularies: bundled, added, and those that a package ships.

    \b
    Example:
      ctxpack vocab list --json | jq -r .vocabularies[].name
    """
    from ctxpack.tokens.library import Entry, entries

    found = list(entries())
    if as_json:
        _print_json({"vocabularies": [entry._asdict() for entry in found]})
    else:
        show([Table("Vocabularies", Entry._fields, tuple(found))])


@vocab.command("add")
@click.argument("name")
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option(
    "--like", metavar="ENCODING", help="Split text as this encoding does (a .tiktoken file does not say how)."
)
@click.option("--licence", default="", help="What to note as the licence of the data.")
def add_vocabulary(name: str, file: str | None, like: str | None, licence: str) -> None:
    """Adds the vocabulary in FILE under NAME: a .tiktoken file, a Tekken file or a Hugging Face tokenizer.json.

    Without FILE, the installed package that ships the vocabulary is looked for. It goes to $CTXPACK_VOCABULARIES, or to
    ctxpack/vocabularies in the user's data directory.

    \b
    Example:
      ctxpack vocab add mine ./tokenizer.json
      ctxpack vocab add llama3
    """
    from ctxpack.tokens.library import add

    click.echo(add(name, file, like, licence))


@vocab.command("check")
@click.argument("name", required=False)
@_JSON
def check_vocabularies(name: str | None, as_json: bool) -> None:
    """Checks every vocabulary file, or the one of NAME: whole, loadable, tokens as noted. Exit code 1 if one is not.

    \b
    Example:
      ctxpack vocab check
    """
    from ctxpack.tokens.library import check

    found = dict(check(name))
    if as_json:
        _print_json({"vocabularies": {key: problem or None for key, problem in found.items()}})
    else:
        rows = tuple((key, problem or "ok") for key, problem in found.items())
        show([Table("Vocabularies", ("name", "state"), rows)])
    raise SystemExit(1 if any(found.values()) else 0)


def _audited(paths: tuple[str, ...], policies: tuple[str, ...]) -> "Audit":
    """The audit, with a progress bar on standard error where that is a terminal."""
    from ctxpack.auditing.readers import find

    size = sum(Path(file.path).stat().st_size for file in find(paths))
    with click.progressbar(length=size, label="reading", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        return ctxpack.audit(paths, policies=policies, on_progress=lambda done: bar.update(done - bar.pos))


def _read(name: str) -> bytes:
    try:
        with click.open_file(name, "rb") as file:
            return bytes(file.read())
    except OSError as error:
        raise _Failure(f"{name}: {error.strerror}") from None


def _prompts(name: str) -> list[ctxpack.Prompt]:
    """The bodies in a file: one JSON object, or one a line."""
    bodies = _bodies(name)
    prompts = []
    for number, body in bodies.items():
        try:
            prompts.append(ctxpack.Prompt.parse(body))
        except CtxpackError as error:
            raise _Failure(f"{name}{f', line {number}' if len(bodies) > 1 else ''}: {error}") from None
    return prompts


def _bodies(name: str) -> dict[int, bytes]:
    """The JSON texts in a file by line number; a file that is one text has it on line 1."""
    data = _read(name).rstrip()
    if not data:
        raise _Failure(f"{name}: the file is empty")
    try:
        json.loads(data, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise _Failure(f"{name}: not JSON: {error.msg} at byte {error.pos}") from None
        return {number: line for number, line in enumerate(data.split(b"\n"), 1) if line.strip()}
    except (UnicodeDecodeError, RecursionError):
        raise _Failure(f"{name}: not JSON text") from None
    return {1: data}


def _named(prompt: ctxpack.Prompt) -> str:
    if not prompt.model:
        raise click.UsageError("the body names no model: give --model")
    return prompt.model


def _print_json(value: object) -> None:
    click.echo(json.dumps(value))
