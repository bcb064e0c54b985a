"""Prompts: request bodies as blocks in the order their provider renders them."""

from ctxpack.prompts.blocks import Block
from ctxpack.prompts.body import Body
from ctxpack.prompts.counting import BlockCounter
from ctxpack.prompts.prompt import Prompt
from ctxpack.prompts.sections import Section
from ctxpack.prompts.source import Source, Span

__all__ = ["Block", "BlockCounter", "Body", "Prompt", "Section", "Source", "Span"]
