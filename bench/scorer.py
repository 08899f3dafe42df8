"""`python -m bench.scorer [FOLDER]`: how well the scores of the scorer tell digits apart, and what they cost.

FOLDER has files of the Free Spoken Digit Dataset, DIGIT_SPEAKER_NUMBER.wav; default: those of tests/data. For each
reference: how often the same digit of another speaker scores above another digit of that speaker.
"""

import argparse
import itertools
import math
import resource
import time
from operator import attrgetter
from pathlib import Path

import numpy as np

from koodtx.scorer.compare import Comparison, compare
from koodtx.scorer.decode import MAX_S, RATE_HZ, Recording, decode
from koodtx.scorer.features import Features, common_grid, measure, sound_of
from koodtx.scorer.score import score
from koodtx.scorer.warm_up import warm_up

_DIGITS = Path(__file__).parents[1] / "tests/data/speech_wav/fsdd"
_SCORES = ("pronunciation", "intonation", "emotion")

# Digit, speaker, number.
Name = tuple[str, ...]
Pairs = dict[tuple[Name, Name], Comparison]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=_DIGITS)
    folder = parser.parse_args().folder
    warm_up()
    recordings = {tuple(path.stem.split("_")): decode(path, path.name) for path in sorted(folder.glob("*.wav"))}
    first = next(iter(recordings.values()))
    grid = common_grid(first, first)
    features = {name: measure(sound_of(recording), grid) for name, recording in recordings.items()}
    _print_rates(features)
    _print_noise(features)
    _print_costs(first)


def _print_rates(features: dict[Name, Features]) -> None:
    pairs = {(one, other): compare(features[one], features[other]) for one in features for other in features}
    print(f"{len(features)} recordings                mean: same digit  other digit   same above other")
    for title, value in [*((name, attrgetter(name)) for name in _SCORES), ("overall", _overall)]:
        same = [value(pairs[pair]) for pair in pairs if pair[0][0] == pair[1][0] and pair[0][1] != pair[1][1]]
        other = [value(pairs[pair]) for pair in pairs if pair[0][0] != pair[1][0] and pair[0][1] != pair[1][1]]
        wins = [value(pairs[one, two]) > value(pairs[one, three]) for one, two, three in _triples(list(features))]
        rate = f"{np.mean(wins):.1%} of {len(wins)}"
        print(f"{title:30} {100 * np.mean(same):16.0f} {100 * np.mean(other):12.0f}   {rate}")


def _triples(names: list[Name]) -> list[tuple[Name, Name, Name]]:
    """Reference, same digit of another speaker, another digit of that speaker."""
    return [
        (one, two, three)
        for one, two, three in itertools.product(names, names, names)
        if one[0] == two[0] != three[0] and one[1] != two[1] == three[1]
    ]


def _overall(comparison: Comparison) -> float:
    return sum(getattr(comparison, name) for name in _SCORES) / len(_SCORES)


def _print_noise(features: dict[Name, Features]) -> None:
    random = np.random.default_rng(1)
    print("\nmade sounds as takes           mean (highest): pronunciation  intonation    emotion")
    for title in ("white noise", "brown noise", "hum"):
        found = []
        for seconds in (0.3, 1, 4):
            samples = random.standard_normal(round(seconds * RATE_HZ))
            if title == "brown noise":
                samples = np.cumsum(samples)
            elif title == "hum":
                samples = np.sin(2 * math.pi * 120 * np.arange(len(samples)) / RATE_HZ)
            take = Recording((samples / np.abs(samples).max()).astype(np.float32), RATE_HZ, 0.0)
            grid = common_grid(take, Recording(take.samples, 8000, 0.0))
            measured = measure(sound_of(take), grid)
            found += [compare(reference, measured) for reference in features.values()]
        values = [[100 * getattr(one, name) for one in found] for name in _SCORES]
        print(f"{title:45}" + "".join(f"{np.mean(value):8.0f} ({max(value):.0f})" for value in values))


def _print_costs(speech: Recording) -> None:
    print()
    for seconds in (5, 20, MAX_S):
        repeated = Recording(np.resize(speech.samples, seconds * RATE_HZ), RATE_HZ, 0.0)
        began = time.perf_counter()
        score(repeated, repeated)
        print(f"score of {seconds:2} s against {seconds:2} s: {time.perf_counter() - began:.1f} s")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


if __name__ == "__main__":
    main()
