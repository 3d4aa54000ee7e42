"""Spectra in the language: flows by name, maps, patterns and forecasts over tables, and refusals in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest

from chorus import Capabilities, Session
from chorus.kernels.spectral import reference
from chorus.kernels.spectral.flow import read_flow
from chorus.kernels.spectral.layout import spectral_places
from chorus.kernels.spectral.signals import counts_over_time
from chorus.runtime.errors import ChorusError


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        yield made


def test_who_drives_is_told_by_name_and_not_by_chance() -> None:
    """Everybody answers three people; the same ties in directions by lot name no one."""
    rng = np.random.default_rng(0)
    crowd = [f"p{i}" for i in range(40)]
    stars = ["ann", "bob", "cyd"]
    pairs = [(who, star) for who in crowd for star in stars if rng.random() < 0.6]
    pairs += [tuple(rng.choice(crowd, 2, replace=False)) for _ in range(40)]
    tails, heads = zip(*pairs, strict=True)
    found = read_flow(tails, heads, [1.0] * len(pairs), top=3)
    assert {name for name, _ in found.drivers} == set(stars) and found.chance[0] <= 0.05
    lots = [pair if rng.random() < 0.5 else pair[::-1] for pair in pairs]
    control = read_flow(*zip(*lots, strict=True), [1.0] * len(lots), top=3)  # type: ignore[arg-type]
    assert control.chance[0] > 0.05 and control.shares[0] < found.shares[0]


def test_who_goes_round_is_told_in_the_direction_of_the_flow() -> None:
    found = read_flow(["a", "c", "b"], ["c", "b", "a"], [2.0, 2.0, 2.0])
    ((*round_, amount),) = found.cycles
    assert "acb" in "".join(round_ * 2) and amount == pytest.approx(2)
    square = read_flow("abcd", "bcda", [1.0] * 4)  # no triangle fills it
    assert square.holes == 1 and square.shares[2] == pytest.approx(1) and square.cycles == []
    assert {row[:2] for row in square.persistent} == {("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")}


def test_a_map_parts_two_groups() -> None:
    rng = np.random.default_rng(1)
    side = np.repeat([0, 1], 30)
    tied = np.triu(rng.random((60, 60)) < np.where(np.equal.outer(side, side), 0.4, 0.02), 1)
    edges = np.stack(np.nonzero(tied))
    nodes, places = spectral_places(edges, np.ones(edges.shape[1]), 61)
    assert 60 not in nodes and np.abs(places).max() == 1
    right = ((places[:, 0] > 0) == side[nodes]).mean()
    assert max(right, 1 - right) > 0.95


def drawn_ties(rng: np.random.Generator, n: int) -> tuple[str, np.ndarray]:
    """Ties among N nodes as a list in the language, some twice, and their matrix f64[n, n]; the last node has none."""
    pairs = [(int(i), int(j)) for i, j in rng.integers(0, n - 1, (3 * n, 2)) if i != j]
    adjacency = np.zeros((n, n))
    weights = rng.uniform(0.1, 2, len(pairs)).round(3)
    for (i, j), weight in zip(pairs, weights, strict=True):
        adjacency[i, j] += weight
        adjacency[j, i] += weight
    rows = (f"({i} {j} {weight})" for (i, j), weight in zip(pairs, weights, strict=True))
    return f"'({' '.join(rows)})", adjacency


@pytest.mark.parametrize("seed", range(4))
def test_mixing_over_ties_is_the_product_of_matrices(session: Session, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ties, adjacency = drawn_ties(rng, 12)
    x = rng.normal(size=12).round(3)
    own = adjacency + np.eye(12)
    root = np.diag(own.sum(0) ** -0.5)
    slow = np.linalg.matrix_power(root @ own @ root, 3) @ x
    made = session.eval(f"(graph-propagate {ties} x :rounds 3)", x=x.tolist())
    np.testing.assert_allclose(made, slow, atol=1e-5)
    assert made[-1] == x[-1]  # nobody to mix with


@pytest.mark.parametrize("seed", range(4))
def test_attention_over_ties_does_not_depend_on_the_order_of_nodes(session: Session, seed: int) -> None:
    """Nodes in another order have other eigenvectors, with other signs; each node's value is the same."""
    rng = np.random.default_rng(seed)
    ties, adjacency = drawn_ties(rng, 12)
    x, order = rng.normal(size=12), rng.permutation(12)
    place = np.argsort(order)
    upper = [(i, j, w) for (i, j), w in np.ndenumerate(adjacency) if i < j and w]
    other = f"'({' '.join(f'({place[i]} {place[j]} {w})' for i, j, w in upper)})"
    form = "(graph-attention {} x :count 5 :temperature 0.5)"
    made = np.array(session.eval(form.format(ties), x=x.tolist()))
    turned = np.array(session.eval(form.format(other), x=x[order].tolist()))
    np.testing.assert_allclose(turned, made[order], atol=1e-4)
    assert (
        np.ptp(made) > 1e-3 and (made >= x.min()).all() and (made <= x.max()).all()
    )  # a mean, not of all alike


def test_counts_are_of_whole_units() -> None:
    at = lambda day, hour: dt.datetime(2024, 3, day, hour, tzinfo=dt.UTC)
    times = [at(1, 12), at(2, 0), at(2, 23), at(4, 5), at(5, 1)]
    began, names, counts = counts_over_time(times, ["x", "x", "y", "y", "y"], "day")
    assert began == at(2, 0) and names == ["y", "x"] and counts.tolist() == [[1, 0, 1], [1, 0, 0]]
    weeks = [dt.datetime(2024, 3, day, tzinfo=dt.UTC) for day in (1, 4, 10, 11, 20)]
    began, _, counts = counts_over_time(weeks, "aaaaa", "week")
    assert began == dt.datetime(2024, 3, 4, tzinfo=dt.UTC) and counts.tolist() == [[2, 1]]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("(fourier-resample '() 4)", "type"),
        ("(fourier-resample '(1 2) 0)", "range"),
        ("(spectral-convolve '(1 2 3) '((1 0) (1 0) (1 0)))", "range"),
        ("(spectral-convolve '(1 2 3) '((1)))", "type"),
        ("(warped-distance '(1 2) '(1 2 3))", "range"),
        ("(graph-filter '((0 9)) '(1 2) '(1 0))", "range"),
        ("(graph-filter '((0)) '(1 2) '(1 0))", "type"),
        ("(graph-filter '((0 1 1 5)) '(1 2) '(1 0))", "type"),
        ("(graph-filter '((0 #f)) '(1 2) '(1 0))", "type"),
        ("(graph-filter '((0 1 -1)) '(1 2) '(1 0))", "range"),
        ("(graph-propagate '((0 2)) '(1 2))", "range"),
        ("(graph-propagate '((0 1)) '(1 2) :rounds 0)", "range"),
        ("(graph-attention '((0 1)) '(1 2) :count 0)", "range"),
        ("(graph-attention '((0 1)) '(1 2) :temperature 0)", "range"),
        ("(graph-attention '() (iota 4000))", "range"),
        ('(fourier-resample "123456" 5)', "type"),
        ('(fourier-resample \'("1" "2") 5)', "type"),
        ("(fourier-resample '(#t #f #t) 5)", "type"),
        ("(fourier-resample '(1 2 . 3) 5)", "type"),
        ("(fourier-resample (bytevector 1 2) 5)", "type"),
        ("(fourier-resample '(1e308 -1e308) 5)", "range"),
        ("(fourier-resample '(1 2 3) 1000000000000)", "range"),
        ("(spectral-convolve '(1 2 3) '((1 0)) 1000000000000)", "range"),
        ("(spectral-convolve '(1 2 3) '((1 0)) 0)", "range"),
        ("(spectral-convolve-2d '((1 2) (3)) '(((1 0))) '(((0 0))))", "type"),
        ("(spectral-convolve-2d '((1 2 1) (3 4 3) (1 1 1)) '(((1))) '(((0))))", "type"),
        ("(spectral-convolve-2d '((1 2 1) (3 4 3) (1 1 1)) 5 '(((0 0))))", "type"),
        ("(spectral-convolve-2d '((1 2 1) (3 4 3) (1 1 1)) '(((1 0))) '(((0 0) (0 0))))", "range"),
        ("(spectral-convolve-2d '((1 2) (3 4)) '(((1 0))) '(((0 0))))", "range"),
        ("(spectral-convolve-2d '((1 2 1) (3 4 3) (1 1 1)) '(((1 0))) '(((0 0))) '(3 1.5))", "type"),
        ("(spectral-convolve-2d '((1 2 1) (3 4 3) (1 1 1)) '(((1 0))) '(((0 0))) '(9999 9999))", "range"),
        ("(recurring-patterns '(1 2 #f 4 5 6) :length 2)", "type"),
        ("(recurring-patterns (iota 40) :most -1)", "range"),
        ("(recurring-patterns (iota 40) :seed -1)", "range"),
        ("(tangent-kernel '((1 2) (3 4)) '(a b) :hidden 1000000000)", "range"),
        ("(%hodge-flow '(a) '(b) '(1e300))", "type"),
        ("(%hodge-flow '(a) '(b) '(#t))", "type"),
        ("(%graph-places '(a b) '(b c) '(1))", "range"),
        ('(%signals (list (moment "2024-01-01")) \'())', "range"),
        ("(tangent-kernel '((1 2) (3 4)) '(a b) :kind 'deep)", "range"),
        ("(tangent-kernel '((1 2) (3 4)) '(a a))", "range"),
        ("(recurring-patterns '(1 2 3 4) :length 3)", "range"),
        ("(recurring-patterns '(1 b 3 4) :length 2)", "type"),
        ("(forecast-signals '((1 2 3)) :horizon 2)", "range"),
        ("(forecast-signals '((1 2) (3)))", "type"),
        ("(hodge-flow (rows->table '({:from 1 :to 2 :n \"x\"})) :amount 'n)", "type"),
        ("(spectral-map (rows->table '({:from 1 :to 1})))", "unknown"),
        ('(recurring-patterns (iota 40) :device "abacus")', "device"),
        ("(warped-distance '(1 2) '(1 2) :device \"abacus\")", "device"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_code(session: Session, form: str, code: str) -> None:
    with pytest.raises(ChorusError) as caught:
        session.eval(form)
    assert caught.value.code == code


def test_an_image_is_convolved_as_the_reference_does(session: Session) -> None:
    rng = np.random.default_rng(3)
    image, plus, minus = (
        rng.standard_normal((6, 5)),
        rng.standard_normal((2, 2, 2)),
        rng.standard_normal((2, 2, 2)),
    )
    slow = reference.spectral_conv2d(image[None, None], *(w[None, None] @ [1, 1j] for w in (plus, minus)))[
        0, 0
    ]
    given = {"image": image.tolist(), "plus": plus.tolist(), "minus": minus.tolist()}
    np.testing.assert_allclose(
        session.eval("(spectral-convolve-2d image plus minus)", **given), slow, atol=1e-5
    )
    finer = np.array(session.eval("(spectral-convolve-2d image plus minus '(12 15))", **given))
    np.testing.assert_allclose(finer[::2, ::3], slow, atol=1e-5)


def test_a_head_that_learns_is_followed(session: Session) -> None:
    form = """(map (lambda (look) (list (hash-ref look :epoch) (hash-ref look :accuracy) (< 0 (hash-ref look :drift))))
                   (tangent-kernel '((0 1) (1 0) (0 2) (2 0) (0 3) (3 0)) '(a b a b a b) :epochs 60 :looks 2))"""
    first, last = session.eval(f'(format "~s" {form})')[2:-2].split(") (")
    assert first.startswith("0 ") and first.endswith("#f") and last == "60 1.0 #t"


@pytest.mark.parametrize(("kind", "moves"), [("linear", "#f"), ("mlp", "#t"), ("fourier", "#t")])
def test_the_kernel_of_a_linear_head_never_moves_and_that_of_others_does(
    session: Session, kind: str, moves: str
) -> None:
    made = f"""(tangent-kernel '((0 1 2) (1 0 2) (0 2 1) (2 0 1) (0 3 1) (3 0 2)) '(a b a b a b)
                               :kind '{kind} :hidden 8 :epochs 5 :looks 2 :top 2)"""
    assert session.eval(f'(format "~s" (< 1e-3 (hash-ref (cadr {made}) :drift)))') == moves


def test_rows_of_a_join_stay_together(session: Session) -> None:
    """A chain of people is all gradient; columns read apart from one another would be anything."""
    session.eval("""
        (define n 4000)
        (define half (lambda (name shift) (rows->table
          (map (lambda (i) (hash-table :at i name (format "p~a" (+ i shift)))) (iota n)))))
        (define chain (select (join (half :from 0) (half :to 1) :on at) from to))""")
    assert session.eval("(hash-ref (hodge-flow chain :draws 0) :gradient)") == pytest.approx(1)
    pairs = session.eval("(apply map list (%columns chain '(from to)))")
    assert all(int(to[1:]) == int(source[1:]) + 1 for source, to in pairs)


def test_tensors_of_any_kind_of_number_are_taken_and_others_refused(session: Session) -> None:
    wanted = session.eval("(fourier-resample '(0 2 4 6 8) 10)")
    for kind in ("f2", "f4", "f8", "i1", "i8", "u1"):
        given = np.arange(10).astype(kind)[::2]  # not contiguous
        assert session.eval("(fourier-resample x 10)", x=given) == pytest.approx(wanted, abs=1e-3)
    for bad in (
        np.array([1 + 2j, 3]),
        np.array([True, False]),
        np.array(["1", "2"]),
        np.array([1.0, np.nan]),
    ):
        with pytest.raises(ChorusError) as caught:
            session.eval("(fourier-resample x 10)", x=bad)
        assert caught.value.code == "type"


def test_ties_without_a_loop_are_no_proof_that_nobody_drives(session: Session) -> None:
    star = "(rows->table (map (lambda (i) {:from i :to 99}) (iota 5)))"
    said = session.eval(f"(hash-ref (hodge-flow {star}) :reading)")
    assert "runs to 99" in said and "nobody" not in said
    alone = session.eval("(hash-ref (hodge-flow (rows->table '({:from 1 :to 1}))) :reading)")
    assert alone == "there are no ties between different people to read"


def test_a_flow_without_anything_is_nothing(session: Session) -> None:
    form = "(hash-ref (hodge-flow (where (rows->table '({:from 1 :to 2})) (= from 9))) :people)"
    assert session.eval(form) == 0
