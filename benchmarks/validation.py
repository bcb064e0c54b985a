"""Leave one session out: are a preset's settings right, or only right for the sessions they were chosen on?

    python -m benchmarks.validation PATH [--unseen PATH ...] [--preset balanced] [--constant 6000]

Every setting of a small grid around a preset (GRIDS) is replayed on every session of PATH (as `benchmarks.replay` takes
it). Then each session is left out in turn, and each transcript with all of its sessions: the setting is picked that has
the smallest bill on the others together and keeps the preset's floors there (or, where none does, comes nearest to
them), and it is compared with the preset on what was left out. Sessions of --unseen are never picked on. Figures: the
change of the input bill in percent (5m), references visible, lines visible, own text; last, the whole grid.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

from benchmarks.replaying.policies import Own
from benchmarks.replaying.replayed import Recorded
from benchmarks.replaying.score import Score
from benchmarks.replaying.sessions import Session, sessions
from ctxpack.packing import Policy
from ctxpack.packing.policy import PRESETS, Compaction, EntryLimits, Summaries

# What each preset has to keep of references, of lines, and of what user and assistant said, in percent.
FLOORS = {"balanced": (97.0, 94.0, 0.0), "tight": (93.0, 0.0, 95.0)}


@dataclass(frozen=True)
class Setting:
    """A policy and what it does on each session.

    Attributes:
        name: what it sets.
        policy: the policy.
        scores: by session.
    """

    name: str
    policy: Policy
    scores: dict[str, Score]

    def pooled(self, names: Iterable[str]) -> Score:
        return sum((self.scores[name] for name in names), Score())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", metavar="PATH")
    parser.add_argument("--unseen", action="append", default=[], metavar="PATH", help="only compared on, not picked on")
    parser.add_argument("--preset", action="append", choices=list(GRIDS), help="may be given twice (default: both)")
    parser.add_argument("--constant", type=int, default=6000, help="tokens of the constant block (default 6000)")
    options = parser.parse_args()
    known = recorded([options.path])
    unseen = recorded(options.unseen)
    for preset in options.preset or GRIDS:
        settings = [replayed(name, policy, {**known, **unseen}) for name, policy in GRIDS[preset]()]
        print(*report(preset, settings, list(known), list(unseen), options.constant), sep="\n", end="\n\n")


def recorded(paths: list[str]) -> dict[str, tuple[Session, Recorded]]:
    return {session.name: (session, Recorded(session)) for path in paths for session in sessions(path)}


def replayed(name: str, policy: Policy, found: dict[str, tuple[Session, Recorded]]) -> Setting:
    scores = {one: replay.replay(Own(policy, None, session.model)) for one, (session, replay) in found.items()}
    return Setting(name, policy, scores)


def balanced() -> Iterator[tuple[str, Policy]]:
    """Limits for reads and commands, and ages."""
    shipped = PRESETS["balanced"]
    for reads, commands, turns in product((2500, 4000, 8000, 16_000), (250, 400), (6, 8, 10)):
        ages = Compaction(keep_turns=turns)
        entry = EntryLimits(commands=commands, reads=reads)
        yield f"reads {reads}, commands {commands}, {turns} turns", replace(shipped, entry=entry, compaction=ages)


def tight() -> Iterator[tuple[str, Policy]]:
    """Limits for reads and commands, and when summaries come."""
    shipped = PRESETS["tight"]
    for reads, commands, patience in product((2000, 2500, 3000, 4000), (150, 250), (1.0, 1.5, 3.0)):
        entry, summaries = EntryLimits(commands=commands, reads=reads), Summaries(tokens=4000, patience=patience)
        yield (
            f"reads {reads}, commands {commands}, patience {patience}",
            replace(shipped, entry=entry, summaries=summaries),
        )


GRIDS: dict[str, Callable[[], Iterator[tuple[str, Policy]]]] = {"balanced": balanced, "tight": tight}


def picked(preset: str, settings: list[Setting], names: list[str], constant: int) -> Setting:
    """The setting with the smallest bill on some sessions that keeps the floors there, else the one nearest to them."""

    def key(setting: Setting) -> tuple[float, float]:
        score = setting.pooled(names)
        return below(preset, score), score.bill("5m", constant)

    return min(settings, key=key)


def below(preset: str, score: Score) -> float:
    """Points by which a score misses the preset's floors, together."""
    kept = zip(FLOORS[preset], shares(score), strict=True)
    return sum(max(floor - share, 0) for floor, share in kept if share is not None)


def shares(score: Score) -> tuple[float | None, float | None, float | None]:
    return score.share("id", "line"), score.share("line"), score.share("own")


def report(preset: str, settings: list[Setting], known: list[str], unseen: list[str], constant: int) -> Iterator[str]:
    shipped = next(setting for setting in settings if setting.policy == PRESETS[preset])
    compare = partial(compared, shipped, constant=constant)
    yield f"{preset}: left out | picked on the others | bill, visible, lines, own as picked | as shipped"
    for title, group in (("sessions", str), ("transcripts", lambda name: name.split("/")[0])):
        folds = {group(name): [one for one in known if group(one) == group(name)] for name in known}
        chosen = {
            name: picked(preset, settings, [one for one in known if one not in fold], constant)
            for name, fold in folds.items()
        }
        yield from (compare(name, setting, folds[name]) for name, setting in chosen.items())
        found = sum((setting.pooled(folds[name]) for name, setting in chosen.items()), Score())
        yield f"all {title} left out | | {figures(found, constant)} | {figures(shipped.pooled(known), constant)}"
    best = picked(preset, settings, known, constant)
    yield from (compare(f"{name} (unseen)", best, [name]) for name in unseen)
    yield f"{preset}: setting | bill, visible, lines, own on all together | unseen"
    for setting in settings:
        on_unseen = figures(setting.pooled(unseen), constant) if unseen else ""
        yield f"{setting.name} | {figures(setting.pooled(known), constant)} | {on_unseen}"


def compared(shipped: Setting, title: str, chosen: Setting, names: list[str], constant: int) -> str:
    both = (figures(setting.pooled(names), constant) for setting in (chosen, shipped))
    return " | ".join([title, chosen.name, *both])


def figures(score: Score, constant: int) -> str:
    kept = ("-" if share is None else f"{share:.1f}" for share in shares(score))
    return ", ".join([f"{score.bill('5m', constant):.1f}", *kept])


if __name__ == "__main__":
    main()
