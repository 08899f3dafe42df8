"""The measure of agreement, and what holds of all scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from koodtx.scorer.compare import align, compare, concordance
from koodtx.scorer.features import common_grid, measure, sound_of
from tests.scorer.sounds import digit, noise, tone

pytestmark = pytest.mark.unit

_NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    frames = draw(st.integers(1, 8))
    rows = st.lists(_NUMBERS, min_size=frames, max_size=frames)
    return np.array([draw(rows), draw(rows)]), np.array([draw(rows), draw(rows)])


@given(pairs(), st.floats(0, 10))
def test_agreement_is_a_share_symmetric_and_whole_for_equals(
    pair: tuple[NDArray[np.float64], NDArray[np.float64]], tolerance: float
) -> None:
    one, other = pair
    share = concordance(one, other, tolerance)
    assert 0 <= share <= 1
    assert share == pytest.approx(concordance(other, one, tolerance), abs=1e-9)
    assert concordance(one, one, tolerance) == 1


def test_agreement_is_that_of_lin() -> None:
    """2 cov / (var + var + squared difference of means), by hand: 2 * 2 / 3 / (2 / 3 + 2 / 3 + 1)."""
    one, other = np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 3.0, 4.0]])
    assert concordance(one, other) == pytest.approx(4 / 7)
    assert concordance(one, -one) == 0


def test_what_has_nothing_in_common_agrees_by_nearly_nothing() -> None:
    random = np.random.default_rng(1)
    assert concordance(random.standard_normal((1, 20_000)), random.standard_normal((1, 20_000))) < 0.05


def test_flat_contours_agree_within_the_tolerance() -> None:
    one, other = np.array([[0.0, 0.01, 0.0, 0.01]]), np.array([[0.01, 0.0, 0.01, 0.0]])
    assert concordance(one, other) == 0
    assert concordance(one, other, tolerance=1.0) > 0.99


def test_the_alignment_undoes_a_change_of_tempo() -> None:
    one = np.sin(np.linspace(0, 6, 40))[None]
    ours, theirs = align(one, np.repeat(one, 3, axis=1))
    assert np.array_equal(one[:, ours], np.repeat(one, 3, axis=1)[:, theirs])
    assert (ours[0], theirs[0], ours[-1], theirs[-1]) == (0, 0, 39, 119)


@pytest.mark.parametrize("other", [digit(3, "theo"), digit(9, "nicolas"), noise(0.5), tone(0.7)])
def test_scores_do_not_depend_on_which_is_the_reference(other: object) -> None:
    one = digit(3, "jackson")
    assert hasattr(other, "samples")
    grid = common_grid(one, other)  # type: ignore[arg-type]
    ours, theirs = measure(sound_of(one), grid), measure(sound_of(other), grid)  # type: ignore[arg-type]
    forth, back = compare(ours, theirs), compare(theirs, ours)
    for name in ("pronunciation", "intonation", "emotion"):
        assert getattr(forth, name) == pytest.approx(getattr(back, name), abs=0.02)
