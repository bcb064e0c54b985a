"""Dialects: one conversation as the bodies that a client of each provider would have sent."""

import hashlib
from typing import Protocol

import msgspec

from ctxpack.providers import Usage
from examples.recorder.conversation import Exchange
from examples.recorder.plan import Call, Plan, Tool
from examples.recorder.workspace import Result

Json = dict[str, object]


class Dialect(Protocol):
    """How one wire format spells a conversation."""

    NAME: str

    def body(self, plan: Plan, messages: list[Json], tools: tuple[Tool, ...]) -> Json:
        """A request; the list of messages is used as it is, without a copy."""

    def answer(self, exchange: Exchange) -> Json:
        """The message that the model answered with."""

    def results(self, exchange: Exchange) -> list[Json]:
        """The messages that give the results of the answer's calls."""

    def usage(self, usage: Usage) -> Json:
        """A usage record in the provider's own shape."""


class AnthropicMessages:
    """anthropic.messages, with a marker on the last system text and one at the request level."""

    NAME = "anthropic.messages"

    def body(self, plan: Plan, messages: list[Json], tools: tuple[Tool, ...]) -> Json:
        system: list[Json] = [{"type": "text", "text": text} for text in plan.system]
        system[-1]["cache_control"] = {"type": "ephemeral"}
        return {
            "model": plan.models[self.NAME],
            "max_tokens": 8192,
            "cache_control": {"type": "ephemeral"},
            "tools": [
                {"name": tool.name, "description": tool.description, "input_schema": tool.schema} for tool in tools
            ],
            "system": system,
            "messages": messages,
        }

    def answer(self, exchange: Exchange) -> Json:
        calls = [
            {"type": "tool_use", "id": _id("toolu_01", exchange, place), "name": call.tool, "input": call.input}
            for place, call in enumerate(exchange.step.calls)
        ]
        return {"role": "assistant", "content": [{"type": "text", "text": exchange.step.say}, *calls]}

    def results(self, exchange: Exchange) -> list[Json]:
        parts = [self._result(exchange, place, result) for place, result in enumerate(exchange.results)]
        return [{"role": "user", "content": parts}] if parts else []

    def usage(self, usage: Usage) -> Json:
        return {
            "input_tokens": usage.uncached,
            "cache_creation_input_tokens": usage.cache_write + usage.cache_write_long,
            "cache_read_input_tokens": usage.cache_read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": usage.cache_write,
                "ephemeral_1h_input_tokens": usage.cache_write_long,
            },
            "output_tokens": usage.output,
        }

    def _result(self, exchange: Exchange, place: int, result: Result) -> Json:
        part: Json = {
            "type": "tool_result",
            "tool_use_id": _id("toolu_01", exchange, place),
            "content": result.text,
        }
        return {**part, "is_error": True} if result.failed else part


class OpenAIChat:
    """openai.chat, without markers: the provider picks the boundaries itself."""

    NAME = "openai.chat"

    def body(self, plan: Plan, messages: list[Json], tools: tuple[Tool, ...]) -> Json:
        return {
            "model": plan.models[self.NAME],
            "max_completion_tokens": 8192,
            "prompt_cache_key": "ctxpack-example",
            "parallel_tool_calls": True,
            "tools": [self._tool(tool) for tool in tools],
            "messages": [{"role": "developer", "content": "\n\n".join(plan.system)}, *messages],
        }

    def answer(self, exchange: Exchange) -> Json:
        calls = [self._call(exchange, place, call) for place, call in enumerate(exchange.step.calls)]
        message: Json = {"role": "assistant", "content": exchange.step.say}
        return {**message, "tool_calls": calls} if calls else message

    def results(self, exchange: Exchange) -> list[Json]:
        return [
            {"role": "tool", "tool_call_id": _id("call_", exchange, place), "content": result.text}
            for place, result in enumerate(exchange.results)
        ]

    def usage(self, usage: Usage) -> Json:
        return {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {
                "cached_tokens": usage.cache_read,
                "cache_write_tokens": usage.cache_write + usage.cache_write_long,
            },
        }

    def _tool(self, tool: Tool) -> Json:
        function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
        return {"type": "function", "function": function}

    def _call(self, exchange: Exchange, place: int, call: Call) -> Json:
        function = {"name": call.tool, "arguments": msgspec.json.encode(call.input).decode()}
        return {"id": _id("call_", exchange, place), "type": "function", "function": function}


def _id(prefix: str, exchange: Exchange, place: int) -> str:
    """An id that looks like a provider's and is the same in every recording."""
    return prefix + hashlib.sha256(f"{exchange.number}.{place}".encode()).hexdigest()[:22]
