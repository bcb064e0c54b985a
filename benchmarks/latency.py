"""Times packing request by request: the growing bodies of made-up sessions, and one long body met cold.

    python benchmarks/latency.py [--tokens 100000] [--cold 1000000] [--policy lossless]

Each request appends a call and a log as its result. Prints the median and the 90th percentile of the last tenth of the
session, where the prompt is near its full size, and checks that a second session sends the same bytes.
"""

import argparse
import json
import statistics
import time

from ctxpack.packing import Session

MODEL = "claude-sonnet-4-5"
# Tokens of one turn's log, about; the number of turns follows from it.
TURN = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=100_000, help="tokens of the last request of the session")
    parser.add_argument("--cold", type=int, default=1_000_000, help="tokens of the body that is packed cold")
    parser.add_argument("--policy", default="lossless")
    options = parser.parse_args()
    requests = [body(turns) for turns in range(1, options.tokens // TURN + 1)]
    times, sent = timed(requests, options.policy)
    assert timed(requests, options.policy)[1] == sent, "two sessions sent different bytes"
    last = sorted(times[-max(len(times) // 10, 2) :])
    median, high = statistics.median(last), statistics.quantiles(last, n=10)[-1]
    print(f"growing to {len(requests[-1]):,} bytes: median {median:.2f} ms, 90th percentile {high:.2f} ms a request")
    long = body(options.cold // TURN)
    print(f"cold, {len(long):,} bytes: {timed([long], options.policy)[0][0]:.0f} ms")


def timed(requests: list[bytes], policy: str) -> tuple[list[float], list[bytes]]:
    """Milliseconds and bytes of each request of one session."""
    session, times, sent = Session(MODEL, policy), [], []
    for number, request in enumerate(requests):
        start = time.perf_counter()
        packed = session.pack(request, now=float(number))
        times.append(1000 * (time.perf_counter() - start))
        sent.append(packed.dump())
    return times, sent


def body(turns: int) -> bytes:
    """A request with that many answered calls."""
    messages: list[dict[str, object]] = [{"role": "user", "content": "Please fix the tests."}]
    for turn in range(turns):
        call = {"type": "tool_use", "id": f"call_{turn}", "name": "Bash", "input": {"command": f"make part_{turn}"}}
        result = {"type": "tool_result", "tool_use_id": f"call_{turn}", "content": log(turn)}
        messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    return json.dumps({"model": MODEL, "max_tokens": 64, "messages": messages}).encode()


def log(turn: int) -> str:
    lines = (f"{turn * 31 + line:06d} compiled module_{line * 7 % 23} of part {turn}" for line in range(TURN // 11))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
