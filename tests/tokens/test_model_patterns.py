"""Patterns that cover names of models."""

from ctxpack.tokens.model_patterns import expression, same_numbers, spellings


def test_patterns() -> None:
    covered = expression(("qwen{,-}{2,2.5}-#b{,-*}",)).fullmatch
    assert all(map(covered, ["qwen2-7b", "qwen-2.5-0.5b-instruct", "qwen2-1b-a_b.c:d@e"]))
    assert not any(
        map(covered, ["qwen2x5-7b", "qwen2-b", "qwen2-.5b", "qwen2-7b-a b", "qwen2-7b-a*", "qwen2-7bx", "aqwen2-7b"])
    )
    assert spellings("qwen{,-}{2,2.5}-7b{,-*}{,:*}") == ["qwen2-7b", "qwen2.5-7b", "qwen-2-7b", "qwen-2.5-7b"]


def test_names_with_other_numbers_are_not_the_same_with_a_slip() -> None:
    assert same_numbers("gpt-4o", "gtp4-o")
    assert not same_numbers("gpt-4o", "gpt-40")
    assert not same_numbers("gpt-4.1", "gpt-4")
