"""Times packing request by request, and one long body met cold; libraries beside it, in the same run.

    python -m benchmarks.latency [PATH] [--tokens 100000] [--cold 1000000] [--policy lossless] [--peer "distil digest"]

Without PATH each request of a made-up session appends a call and a log as its result; with it, requests are those of
the longest session that PATH holds (as for benchmarks.replay). Prints the median and the 90th percentile of the last
tenth of the requests, where the prompt is near its full size, and checks that a second session sends the same bytes.
Libraries (benchmarks/replaying/peers.py) keep nothing from request to request that would help them: they get a few
requests to warm up, then the last tenth. A body is JSON for ctxpack, which reads and writes it; libraries get messages.
"""

import argparse
import statistics
import time

import msgspec

from benchmarks.replaying.peers import PEERS
from benchmarks.replaying.policies import labelled
from benchmarks.replaying.replayed import body
from benchmarks.replaying.sessions import sessions
from ctxpack.packing import Session
from ctxpack.packing.policy import PRESETS

MODEL = "claude-sonnet-4-5"
# Tokens of one turn's log, about; the number of turns follows from it.
TURN = 1000
WARM_UP = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", nargs="?", help="real sessions in place of the made-up one")
    parser.add_argument("--tokens", type=int, default=100_000, help="tokens of the last request of the session")
    parser.add_argument("--cold", type=int, default=1_000_000, help="tokens of the body that is packed cold; 0: none")
    parser.add_argument("--policy", action="append", choices=list(PRESETS), help="lossless by default")
    parser.add_argument("--peer", action="append", default=[], choices=list(PEERS))
    options = parser.parse_args()
    requests = real(options.path) if options.path else made_up(options.tokens)
    last = max(len(requests) // 10, 2)
    print(f"{len(requests)} requests, the last of {len(requests[-1]):,} bytes")
    for policy in options.policy or ["lossless"]:
        times, sent = timed(requests, policy)
        assert timed(requests, policy)[1] == sent, "two sessions sent different bytes"
        show(policy, times[-last:])
        if options.cold:
            print(f"{policy}, a body of {options.cold:,} tokens met cold: {cold(options.cold, policy):.0f} ms")
    for peer in options.peer:
        show(labelled(peer), timed_peer(requests[-last - WARM_UP :], peer)[WARM_UP:])


def show(name: str, times: list[float]) -> None:
    median, high = statistics.median(times), statistics.quantiles(times, n=10)[-1]
    print(f"{name}: median {median:.2f} ms, 90th percentile {high:.2f} ms a request", flush=True)


def timed(requests: list[bytes], policy: str) -> tuple[list[float], list[bytes]]:
    """Milliseconds and bytes of each request of one session."""
    session, times, sent = Session(MODEL, policy), [], []
    for number, request in enumerate(requests):
        start = time.perf_counter()
        packed = session.pack(request, now=float(number))
        times.append(1000 * (time.perf_counter() - start))
        sent.append(packed.dump())
    return times, sent


def timed_peer(requests: list[bytes], name: str) -> list[float]:
    """Milliseconds of each request."""
    compress, times = PEERS[name].make(0), []
    for request in requests:
        given = PEERS[name].shape.given(msgspec.json.decode(request)["messages"])
        start = time.perf_counter()
        compress(given)
        times.append(1000 * (time.perf_counter() - start))
    return times


def cold(tokens: int, policy: str) -> float:
    """Milliseconds for a body that no session saw before; what is read once a process is read."""
    timed([made_up(TURN)[0]], policy)
    return timed(made_up(tokens)[-1:], policy)[0][0]


def real(path: str) -> list[bytes]:
    longest = max(sessions(path), key=lambda session: len(session.requests))
    return [body(messages, MODEL) for messages in longest.requests]


def made_up(tokens: int) -> list[bytes]:
    """Requests with one answered call more each."""
    messages: list[dict[str, object]] = [
        {"role": "user", "content": [{"type": "text", "text": "Please fix the tests."}]}
    ]
    requests = []
    for turn in range(tokens // TURN):
        call = {"type": "tool_use", "id": f"call_{turn}", "name": "Bash", "input": {"command": f"make part_{turn}"}}
        result = {"type": "tool_result", "tool_use_id": f"call_{turn}", "content": log(turn)}
        messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
        requests.append(body(messages, MODEL))
    return requests


def log(turn: int) -> str:
    lines = (f"{turn * 31 + line:06d} compiled module_{line * 7 % 23} of part {turn}" for line in range(TURN // 11))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
