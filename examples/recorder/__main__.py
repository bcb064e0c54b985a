"""Command line: `python -m examples.recorder`, from the root of the repository."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
import msgspec

from examples.recorder.conversation import Exchange, carry_out
from examples.recorder.dialects import AnthropicMessages, Dialect, Json, OpenAIChat
from examples.recorder.plan import Plan, read_plan
from examples.recorder.simulation import Simulation
from examples.recorder.workspace import workspace

EXAMPLES = Path(__file__).parents[1]
FILES: dict[str, Dialect] = {"agent.anthropic.jsonl": AnthropicMessages(), "agent.openai.jsonl": OpenAIChat()}


@click.command()
@click.option("--commit", help="State of the repository to run on; by default the plan's.")
@click.option("--steps", type=click.IntRange(min=1), help="Stop after so many requests.")
@click.option("--out", default=EXAMPLES, type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
def main(commit: str | None, steps: int | None, out: Path) -> None:
    """Carries out the plan on a copy of the repository and writes one file of records per dialect."""
    plan = read_plan(EXAMPLES / "plan.toml")
    with workspace(EXAMPLES.parent, commit or plan.commit) as copy:
        exchanges = list(islice(carry_out(plan, copy), steps))
    out.mkdir(parents=True, exist_ok=True)
    for name, dialect in FILES.items():
        written = _write(out / name, _records(plan, exchanges, dialect))
        click.echo(f"{name}: {written} requests, {(out / name).stat().st_size:,} bytes")


def _records(plan: Plan, exchanges: list[Exchange], dialect: Dialect) -> Iterator[Json]:
    simulation = Simulation(plan.models[dialect.NAME], dialect.NAME)
    messages: list[Json] = []
    for exchange in exchanges:
        if exchange.user:
            messages.append({"role": "user", "content": exchange.user})
        tools, answer = plan.tools_of(exchange.turn), dialect.answer(exchange)
        request, answered = (dialect.body(plan, [*messages, *more], tools) for more in ((), (answer,)))
        usage = simulation.usage(msgspec.json.encode(request), msgspec.json.encode(answered), exchange.time)
        yield {
            "request": request,
            "usage": dialect.usage(usage),
            "time": exchange.time,
            "session": f"agent-{dialect.NAME}",
            "simulated": True,
        }
        messages += [answer, *dialect.results(exchange)]


def _write(path: Path, records: Iterator[Json]) -> int:
    lines = [msgspec.json.encode(record) for record in records]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return len(lines)


if __name__ == "__main__":
    main()
