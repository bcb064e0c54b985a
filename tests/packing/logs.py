"""Made-up logs of several kinds, as real programs write them."""

from collections.abc import Callable
from random import Random


def syslog(count: int, draw: Random) -> list[str]:
    said = [
        "Failed password for {user} from {ip} port {n} ssh2",
        "Failed none for invalid user {user} from {ip} port {n} ssh2",
        "Invalid user {user} from {ip}",
        "Received disconnect from {ip}: 11: Bye Bye [preauth]",
        "Connection closed by {ip} [preauth]",
    ]
    return [f"Dec 10 {_clock(at)} web sshd[{24200 + at}]: {_filled(draw.choice(said), draw)}" for at in range(count)]


def access(count: int, draw: Random) -> list[str]:
    return [
        f'{_ip(draw)} - - [10/Dec/2026:{_clock(at)} +0000] "{draw.choice(["GET", "POST"])} /api/{draw.randrange(99)} '
        f'HTTP/1.1" {draw.choice([200, 304, 404])} {draw.randrange(9000)} "-" "Mozilla/5.0 (X11; Linux x86_64)"'
        for at in range(count)
    ]


def application(count: int, draw: Random) -> list[str]:
    said = ["job {n} done in {n} ms", "picked up job {n} from queue default"]
    levels = ["ERROR" if at % 17 == 3 else "INFO" for at in range(count)]
    return [
        f"2026-11-23T{_clock(at)}.{draw.randrange(1000):03d}Z {level} pool-{at % 5} {_filled(draw.choice(said), draw)}"
        for at, level in enumerate(levels)
    ]


def pytest(count: int, draw: Random) -> list[str]:
    return [
        f"tests/test_io.py::test_case_{at}[{draw.choice('ab')}] PASSED        [{at * 100 // count:3d}%]"
        for at in range(count)
    ]


def maven(count: int, draw: Random) -> list[str]:
    path = "https://repo.maven.apache.org/maven2/org/lib"
    return [
        f"[INFO] Downloaded from central: {path}{at}/{at}.jar ({draw.randrange(99)} kB at {draw.randrange(500)} kB/s)"
        for at in range(count)
    ]


def npm(count: int, draw: Random) -> list[str]:
    return [
        f"npm warn deprecated {draw.choice(['glob', 'rimraf', 'har'])}-{at}@{draw.randrange(9)}.0.1: "
        "this version is no longer supported"
        for at in range(count)
    ]


KINDS: dict[str, Callable[[int, Random], list[str]]] = {
    kind.__name__: kind for kind in (syslog, access, application, pytest, maven, npm)
}


def log(kind: str, count: int, seed: int = 0) -> str:
    """Lines of one kind, the same for the same seed."""
    return "\n".join(KINDS[kind](count, Random(seed)))


def _clock(at: int) -> str:
    return f"06:{at // 60 % 60:02d}:{at % 60:02d}"


def _ip(draw: Random) -> str:
    return ".".join(str(draw.randrange(1, 255)) for _ in range(4))


def _filled(said: str, draw: Random) -> str:
    return said.format(user=draw.choice(["root", "admin", "git"]), ip=_ip(draw), n=draw.randrange(1024, 65535))
