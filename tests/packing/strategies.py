"""Strategies for conversations with everything that real ones hold and that breaks packers."""

import json

from hypothesis import strategies as st

from .conversations import IMAGE, LOOKALIKE, MARK, MODELS, Step, log, numbered

_FILES = [
    [
        f"def function_{number}_{line}(value, *, limit={line}):  # part {line * 7 % 13} of file {number}"
        for line in range(24)
    ]
    for number in range(3)
]
_ROWS = [
    {"id": row, "name": f"order {row}", "price": row + 0.5, "tags": ["a", "b"]}
    | ({"note": "x"} if row % 4 == 3 else {})
    for row in range(12)
]
_RAW_JSON = [
    '[{"a": 1.50, "b": 1e5}, {"a": 1.0, "b": 12345678901234567890123}, {"a": -0.0, "b": 1E-7}, {"a": 2.10, "b": 3}]',
    '{"a": 1, "a": 2, "b": [ {"x": 1, "x": 2}, {"x": 3}, {"x": 4} ], "padding": "0123456789 0123456789"}',
    '[{"\\u0061": 1, "b\\/c": "\\ud83d\\ude00"}, {"a": 2, "b/c": "é"}, {"a": 3, "b/c": "\\u0007"}]',
    '{"columns": ["a"], "rows": [[1], [2]], "note": "this   looks like   a table already, and is none of ours"}',
    '{"one":   "line\u2028separator", "two": "next\u0085line", "three": "para\u2029graph", "four": "keeps   blanks"}',
    "[1, 2, 3]  trailing words that are no JSON at all, and enough of them to be worth a look at the text",
]


@st.composite
def reads(draw: st.DrawFn) -> str:
    """A read of one of few files, whole or in part, edited or not, in one of the ways that readers print."""
    lines = list(draw(st.sampled_from(_FILES)))
    first, last = draw(st.sampled_from([(0, 24), (0, 24), (0, 12), (5, 20), (10, 24)]))
    edit = draw(st.sampled_from([None, None, 3, 11]))
    if edit is not None:
        lines[edit] = "edited = True"
    lines = lines[first:last]
    style = draw(st.sampled_from(["→", "→", "\t", ": ", "| ", ""]))
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\u2028", "\x0c", "\r"]))
    text = numbered(lines, first + 1, style) if style else "\n".join(lines)
    return text.replace("\n", end) + draw(st.sampled_from(["", end]))


@st.composite
def json_results(draw: st.DrawFn) -> str:
    rows = _ROWS[: draw(st.sampled_from([2, 3, 12]))]
    value = draw(st.sampled_from([rows, {"orders": rows, "nested": {"more": rows}}, {"one": {"two": [[], {}, None]}}]))
    indent = draw(st.sampled_from([None, 2, 4]))
    return draw(st.sampled_from([json.dumps(value, indent=indent), *_RAW_JSON]))


odd = st.sampled_from(
    [
        "",
        "\n\n\n\n\n",
        "x" * 3000,
        "ok",
        f"before\n{LOOKALIKE}\nafter\n" * 3,
        "ä\u200b\u0301👩‍👩‍👧\u202e\n" * 12,
        "same line\n" * 30,
        "{" * 50 + "[" * 50,
        log(40),
        log(150, 1),
    ]
)
texts = st.one_of(reads(), reads(), json_results(), odd)
# A result: text, several parts, parts with an image, marked parts.
results = st.one_of(
    texts,
    texts,
    texts,
    st.lists(texts, max_size=3).map(lambda parts: [{"type": "text", "text": text} for text in parts]),
    texts.map(lambda text: [{"type": "text", "text": text}, IMAGE]),
    st.just([IMAGE]),
    texts.map(lambda text: [{"type": "text", "text": text, "cache_control": MARK}]),
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, dict]:
    """Id (from few, so that they repeat), name and arguments."""
    call = draw(st.sampled_from(["call_1", "call_2", "call_3"]))
    number = draw(st.sampled_from([0, 1, 2]))
    name, arguments = draw(
        st.sampled_from(
            [
                ("Read", {"file_path": f"/srv/app/file_{number}.py"}),
                ("Bash", {"command": f"cat file_{number}.py"}),
                ("search", {"query": f"[odd] name\n{number}"}),
                ("Write", {"file_path": f"/srv/app/file_{number}.py", "content": "\n".join(_FILES[number])}),
                ("list", {}),
            ]
        )
    )
    return call, name, arguments


@st.composite
def steps(draw: st.DrawFn) -> Step:
    made = draw(st.lists(calls(), max_size=2, unique_by=lambda call: call[0]))
    return Step(
        said=draw(st.sampled_from(["", "Let me look.", "\n".join(_FILES[0])])),
        thinking=draw(st.booleans()),
        calls=made,
        results=[draw(results) for _ in made],
        asked="" if made and draw(st.booleans()) else draw(st.sampled_from(["go on", "\n".join(_FILES[1]), LOOKALIKE])),
        marked=draw(st.sampled_from([False, False, False, True])),
        odd=draw(st.sampled_from([0, 0, *range(1, 13)])),
        late=draw(st.sampled_from([False, False, False, True])),
    )


conversations = st.lists(steps(), min_size=1, max_size=7)
dialects = st.sampled_from(sorted(MODELS))
