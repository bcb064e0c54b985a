"""Tries to learn which lines of a result later turns will quote, and prints whether that beats the rules.

    python -m tools.learn_lines PATH ... [--shortest 300]

PATH is one that `benchmarks.replay` takes; each counts as an agent. Of every tool result of so many tokens that a later
turn refers to (benchmarks/replaying/references.py), lines are chosen in several ways at 25, 50 and 75 % of its tokens,
by the same greedy choice: at random, from the front, by the query alone, by the rules that cut results as they enter
(`Document.scores` with a low focus; "as cut" is `select` with its head, tail and error lines, too), and by what is
learned from tools/line_features.py: a logistic regression and boosted stumps, each without the session that it chooses
for, and the first once more without any session of that agent. Printed are the shares of quoted lines and of quoted
names that stay; then the gain of one way over another in quoted lines at half the tokens, session by session, with how
often it is above 0 when results are drawn anew (bootstrap); last, what the regression learns from all sessions.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.replaying.replayed import ENCODING, count
from benchmarks.replaying.sessions import sessions
from ctxpack.packing.digest import FOCUS, GAP
from ctxpack.packing.selection import select
from tools.line_features import FEATURES, Result, results

SHARES = (0.25, 0.5, 0.75)
COMPARED = [("query alone", "rules"), ("rules", "learned"), ("rules", "stumps")]
# Pull of the weights towards 0, in results; steps of the boosting, how far each goes, and its pull.
RIDGE, ROUNDS, RATE, LEAF = 10.0, 40, 0.3, 20.0
DRAWS = 2000

Model = Callable[[np.ndarray], np.ndarray]
Learner = Callable[[list[Result]], Model]
Scores = Callable[[Result], Iterable[float]]
Keeps = Callable[[Result, float], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--shortest", type=int, default=300, help="tokens of the shortest result (default 300)")
    options = parser.parse_args()
    found = list(quoted(options.paths, options.shortest))
    ways: dict[str, Keeps] = {name: cache(way) for name, way in rankings(found).items()}
    print(*table(found, ways), sep="\n")
    for before, after in COMPARED:
        print(f"\n{after} over {before}, quoted lines at half the tokens, points:")
        print(*gains(found, ways[before], ways[after]), sep="\n")
    print("\nWeights, each feature from 0 to 1:")
    print(*(f"{name:22}  {weight:+5.1f}" for name, weight in zip(FEATURES, logistic(found), strict=True)), sep="\n")


def quoted(paths: list[str], shortest: int) -> Iterator[Result]:
    """The results that are long enough and that a later turn refers to."""
    for path in paths:
        for session in sessions(path):
            for result in results(session, path):
                if result.references and count(result.text) >= shortest:
                    yield result


def rankings(found: list[Result]) -> dict[str, Keeps]:
    """Ways to keep a share of a result's tokens, by name."""
    draw = np.random.default_rng(0)
    by_score: dict[str, Scores] = {
        "random": lambda result: draw.random(len(result.units)),
        "front": lambda result: range(len(result.units), 0, -1),
        "query alone": lambda result: result.document.scores(about(result)),
        "rules": lambda result: result.document.scores(about(result), FOCUS),
        "learned": held_out(found, logistic_model, lambda result: (result.agent, result.session)),
        "learned, other agents": held_out(found, logistic_model, lambda result: result.agent),
        "stumps": held_out(found, stumps_model, lambda result: (result.agent, result.session)),
    }
    chosen = {name: choosing(scores) for name, scores in by_score.items()}
    return {**chosen, "as cut": lambda result, share: cut(result, share)}


def about(result: Result) -> str:
    return f"{result.call.subject}\n{result.query}"


def choosing(scores: Scores) -> Keeps:
    """Keeps the best units by a score."""

    def keep(result: Result, share: float) -> str:
        budget = int(share * count(result.text))
        numbers = result.document.choose(scores(result), result.costs, budget, count(GAP))
        return GAP.join(result.units[number] for number in numbers)

    return keep


def cut(result: Result, share: float) -> str:
    return select(result.text, about(result), int(share * count(result.text)), ENCODING, GAP, FOCUS).text


def held_out(found: list[Result], learn: Learner, group: Callable[[Result], object]) -> Scores:
    """Scores of a model that saw no result of the same group."""

    @cache
    def model(left_out: object) -> Model:
        return learn([result for result in found if group(result) != left_out])

    return lambda result: model(group(result))(result.features)


def training(found: list[Result]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, labels and weights of all units; every result weighs a hundred units, however long it is."""
    weights = [np.full(len(result.units), 100 / len(result.units)) for result in found]
    return (
        np.concatenate([result.features for result in found]),
        np.concatenate([result.labels for result in found]),
        np.concatenate(weights),
    )


def logistic(found: list[Result]) -> np.ndarray:
    """Weight of each feature in a logistic regression, by Newton's method on standardised features."""
    features, labels, weights = training(found)
    mean = np.average(features, axis=0, weights=weights)
    spread = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights)) + 1e-9
    columns = np.c_[(features - mean) / spread, np.ones(len(labels))]
    pull = np.diag([RIDGE] * features.shape[1] + [1e-9])
    learned = np.zeros(columns.shape[1])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-columns @ learned))
        slope = columns.T @ (weights * (chance - labels)) + pull @ learned
        curve = (columns.T * (weights * chance * (1 - chance))) @ columns + pull
        learned -= np.linalg.solve(curve, slope)
    return learned[:-1] / spread


def logistic_model(found: list[Result]) -> Model:
    weights = logistic(found)
    return lambda features: positive(features @ weights)


def stumps_model(found: list[Result]) -> Model:
    """Boosted stumps: each step adds the best cut of one feature, by the second-order gain."""
    features, labels, weights = training(found)
    cuts = [np.unique(np.quantile(column, np.linspace(0.05, 0.95, 15))) for column in features.T]
    above = {(at, edge): features[:, at] > edge for at, edges in enumerate(cuts) for edge in edges}
    total, stumps = np.zeros(len(labels)), []
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-total))
        slope, curve = weights * (labels - chance), weights * chance * (1 - chance)
        (at, edge), low, high = best_stump(above, slope, curve)
        stumps.append((at, edge, RATE * low, RATE * high))
        total += np.where(above[at, edge], RATE * high, RATE * low)

    def model(rows: np.ndarray) -> np.ndarray:
        steps = [np.where(rows[:, at] > edge, high, low) for at, edge, low, high in stumps]
        return positive(np.sum(steps, axis=0))

    return model


def best_stump(
    above: dict[tuple[int, float], np.ndarray], slope: np.ndarray, curve: np.ndarray
) -> tuple[tuple[int, float], float, float]:
    """The cut that gains most, and what it adds below and above."""

    def sides(key: tuple[int, float]) -> tuple[float, float, float, float]:
        rise, bend = slope[above[key]].sum(), curve[above[key]].sum()
        return slope.sum() - rise, curve.sum() - bend + LEAF, rise, bend + LEAF

    def gain(key: tuple[int, float]) -> float:
        low, low_bend, high, high_bend = sides(key)
        return low**2 / low_bend + high**2 / high_bend

    best = max(above, key=gain)
    low, low_bend, high, high_bend = sides(best)
    return best, low / low_bend, high / high_bend


def positive(scores: np.ndarray) -> np.ndarray:
    """Chances in place of log odds, the mean at one half: the choice divides what repeats."""
    chances: np.ndarray = 1 / (1 + np.exp(scores.mean() - scores))
    return chances


def shares_kept(result: Result, kept: str) -> dict[str, tuple[int, int]]:
    """By kind of reference, how many of them stand in what was kept, and how many there are."""
    counts: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for reference in result.references:
        stay, every = counts[reference.kind]
        counts[reference.kind] = stay + (reference.text in kept), every + 1
    return counts


def table(found: list[Result], ways: dict[str, Keeps]) -> Iterator[str]:
    """Percent of the quoted lines and names of each kind of result that each way keeps."""
    groups = sorted({(result.agent, result.kind) for result in found})
    for agent, kind in groups:
        members = [result for result in found if (result.agent, result.kind) == (agent, kind)]
        yield f"\n{Path(agent).stem}, {len(members)} {kind}: quoted lines | names kept at 25 / 50 / 75 % of tokens"
        for name, keep in ways.items():
            yield f"{name:22}  {percents(members, keep, 'line')} | {percents(members, keep, 'id')}"


def percents(members: list[Result], keep: Keeps, kind: str) -> str:
    figures = []
    for share in SHARES:
        stay, every = map(sum, zip(*(shares_kept(one, keep(one, share))[kind] for one in members), strict=True))
        figures.append(f"{100 * stay / every:4.0f}" if every else "   -")
    return " /".join(figures)


def gains(found: list[Result], before: Keeps, after: Keeps) -> Iterator[str]:
    """By session, the mean gain in the share of a result's quoted lines that stay at half the tokens."""
    by_session: dict[str, list[float]] = defaultdict(list)
    for result in found:
        (less, lines), (more, _) = (shares_kept(result, keep(result, 0.5))["line"] for keep in (before, after))
        if lines:
            by_session[result.session].append(100 * (more - less) / lines)
    for session, values in by_session.items():
        yield f"{session:22}  {np.mean(values):+6.1f}, {len(values)} results"
    every = np.concatenate(list(by_session.values()))
    draws = np.random.default_rng(0).choice(every, (DRAWS, len(every))).mean(axis=1)
    low, high = np.percentile(draws, [5, 95])
    above = f"above 0 in {(draws > 0).mean():.0%}"
    yield f"{'all':22}  {every.mean():+6.1f}, 90 % of draws {low:+.1f} to {high:+.1f}, {above}"


if __name__ == "__main__":
    main()
