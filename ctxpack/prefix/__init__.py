"""Prefixes: the fingerprint chain of a prompt, and where and why two prompts part."""

from ctxpack.prefix.divergence import Divergence, diff
from ctxpack.prefix.fingerprint import Breakpoint, Fingerprint, Position, fingerprint

__all__ = ["Breakpoint", "Divergence", "Fingerprint", "Position", "diff", "fingerprint"]
