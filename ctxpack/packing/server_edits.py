"""Server edits: what a provider takes out of a prompt by itself, so that nothing that stays may lead there."""

from ctxpack.prompts import Block, Prompt
from ctxpack.prompts.blocks import Kind

# Anthropic's name ends in a date, Ark's does not.
_CLEARING = "clear_tool_uses"


def cleared(prompt: Prompt) -> frozenset[Kind]:
    """Kinds of blocks whose texts the provider may clear when the prompt grows. O(bytes of the setting)."""
    setting = prompt.setting("context_management")
    edits = setting.get("edits") if isinstance(setting, dict) else None
    clearing = [edit for edit in edits if _clears(edit)] if isinstance(edits, list) else []
    if not clearing:
        return frozenset()
    has_inputs = any(edit.get("clear_tool_inputs") for edit in clearing)
    return frozenset({"tool_result", "tool_use"} if has_inputs else {"tool_result"})


def is_compaction(block: Block) -> bool:
    """Whether the provider drops all messages in front of a block, which sums them up. O(bytes of the block)."""
    if block.kind != "other" or b'"compaction"' not in block.raw:
        return False
    value = block.value
    return isinstance(value, dict) and value.get("type") == "compaction"


def _clears(edit: object) -> bool:
    return isinstance(edit, dict) and str(edit.get("type")).startswith(_CLEARING)
