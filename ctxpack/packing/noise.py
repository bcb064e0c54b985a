"""Noise: what a terminal would not show of a command's output, or would show as nothing."""

import re

# Escape sequences of terminals (ECMA-48): control sequences, operating system commands, and two-character ones. No part
# of a run can be taken in two ways, so matching is linear.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z\\^-~])")
_BLANK_LINES = re.compile(r"\n{4,}")


def cleaned(text: str) -> str:
    """A command's output as a terminal would show it.

    Escape sequences go; of a line that is written over and over (a progress bar) the last state stays; blanks at the
    ends of lines go, and of three and more blank lines two stay. O(characters).
    """
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = "\n".join(map(_last_state, text.split("\n")))
    if " \n" in text or ("\t" in text and "\t\n" in text) or text.endswith((" ", "\t")):
        text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", text) if "\n\n\n\n" in text else text


def _last_state(line: str) -> str:
    """What is left to see of a line in which carriage returns go back to its start."""
    body, end = (line[:-1], "\r") if line.endswith("\r") else (line, "")
    if "\r" not in body:
        return line
    states = body.split("\r")
    shown, width = [states[-1]], len(states[-1])
    for state in reversed(states[:-1]):
        # What a later state did not reach of this one is still there.
        if len(state) > width:
            shown.append(state[width:])
            width = len(state)
    return "".join(shown) + end
