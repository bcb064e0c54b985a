"""Plan: what the agent of the example is told, and what it says and calls step by step."""

from pathlib import Path

import msgspec


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One parameter of a tool."""

    type: str
    description: str


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool definition; offered from the turn `from_turn` on, counted from 1."""

    name: str
    description: str
    required: tuple[str, ...]
    parameters: dict[str, Parameter]
    from_turn: int = 1

    @property
    def schema(self) -> dict[str, object]:
        """JSON schema of its input."""
        properties = msgspec.to_builtins(self.parameters)
        return {"type": "object", "properties": properties, "required": list(self.required)}


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tool call."""

    tool: str
    input: dict[str, str | int]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of the model: text, and the calls it makes in parallel; without calls it ends the turn."""

    say: str
    calls: tuple[Call, ...] = ()


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the user writes, how many seconds after the agent's last answer, and the steps that follow."""

    user: str
    after: int
    steps: tuple[Step, ...]


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole conversation.

    Attributes:
        commit: the state of the repository that the commands run on.
        start: time of the first request, unix seconds.
        models: model name by dialect.
        system: the system texts.
        tools: every tool, in the order in which they are offered.
        turns: the user's turns.
    """

    commit: str
    start: int
    models: dict[str, str]
    system: tuple[str, ...]
    tools: tuple[Tool, ...]
    turns: tuple[Turn, ...]

    def tools_of(self, turn: int) -> tuple[Tool, ...]:
        """The tools offered in a turn, counted from 1."""
        return tuple(tool for tool in self.tools if tool.from_turn <= turn)


def read_plan(path: Path) -> Plan:
    """Reads a plan.

    Raises:
        msgspec.ValidationError: a member is missing, unknown or of the wrong type.
    """
    return msgspec.toml.decode(path.read_bytes(), type=Plan)
