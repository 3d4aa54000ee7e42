"""The embedding contract beyond single values: shared bases, tables without copies, opaque objects, tasks."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from chorus import Capabilities, ChorusError, Session

pa = pytest.importorskip("pyarrow")
MANY = "(define (f0 x) x)\n" + "\n".join(
    f"(define (f{n} x) (+ (f{n - 1} x) {n}))\n(define v{n} (vector 1 2 {n}))" for n in range(1, 200)
)


def address(column: Any) -> int:
    return column.chunk(0).buffers()[1].address


# — a frozen base —


def test_a_base_saves_evaluating_its_definitions() -> None:
    evaluated: list[int] = []
    with Session() as first:
        first.register("note!", evaluated.append)
        first.eval("(define once (begin (note! 1) 19900))")
        base = first.freeze()
    for _ in range(3):
        with base.session() as session:
            assert session.eval("once") == 19900
    assert evaluated == [1]


def test_eight_threads_share_a_base_correctly() -> None:
    with Session() as first:
        first.eval(
            MANY
            + "(define seen (make-vector 8 0)) (define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))"
        )
        base = first.freeze()
    wrong: list[Any] = []

    def work(k: int) -> None:
        with base.session() as mine:
            for round in range(5):
                mine.eval(f"(vector-set! seen {k} (+ 1 (vector-ref seen {k}))) (define (f0 x) (+ x {k}))")
                if mine.eval("(f199 0)") != 19900 + k or mine.eval("(vector->list seen)")[k] != round + 1:
                    wrong.append(k)
            if sum(mine.eval("(vector->list seen)")) != 5 or mine.eval("(fib 18)") != 2584:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    with base.session() as later:
        assert later.eval("(list (f199 0) seen)") == [19900, [0] * 8]


def test_sessions_of_a_base_do_not_wait_for_one_another() -> None:
    """All are within an evaluation at once: where one of them could only begin after another, none would arrive."""
    meeting = threading.Barrier(8)
    with Session() as first:
        first.register("meet", lambda: meeting.wait(timeout=60))
        first.eval("(define (f) (+ 1 (begin (meet) 1)))")
        base = first.freeze()
    arrived: list[Any] = []

    def work() -> None:
        with base.session() as mine:
            arrived.append(mine.eval("(f)"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert arrived == [2] * 8


# — tables —


def test_arrow_comes_in_and_goes_out_without_a_copy() -> None:
    table = pa.table({"n": pa.array(range(1000), pa.int64()), "who": ["x"] * 1000, "r": [0.5] * 1000})
    with Session(allow=Capabilities("workspace")) as session:
        for form in (
            "t",
            "(select t r n)",
            "(rename t (number n))",
            "(limit t 1000)",
            "(select (limit t 5) n)",
        ):
            got = session.eval(form, t=table)
            name = "number" if "number" in got.column_names else "n"
            assert address(got[name]) == address(table["n"]), form
        assert session.eval("(limit (offset t 2) 3)", t=table)["n"].to_pylist() == [2, 3, 4]
        assert session.eval("(select t (m n))", t=table).column_names == ["m"]
        assert session.eval("(select t (m (+ n 1)))", t=table)["m"].to_pylist()[:2] == [1, 2]
        inside = session.eval("(list t)", t=table)[0]
        assert address(inside["n"]) == address(table["n"])


def test_data_frames_come_in_and_go_out_without_a_copy() -> None:
    pd = pytest.importorskip("pandas")
    np = pytest.importorskip("numpy")
    frame = pd.DataFrame({"n": np.arange(1000), "r": np.arange(1000.0), "who": ["x"] * 1000})
    with Session(allow=Capabilities("workspace")) as session:
        got = session.eval("t", t=frame)
        for name in ("n", "r"):
            assert address(got[name]) == frame[name].to_numpy().ctypes.data
        session.eval("(define (mine) kept)", kept=frame)
        back = session.tables("mine").df()
        for name in ("n", "r"):
            assert back[name].to_numpy().ctypes.data == frame[name].to_numpy().ctypes.data
        assert back["who"].tolist() == frame["who"].tolist()
        filtered = session.eval("(where t (> n 997))", t=frame)
        assert filtered.to_pydict()["n"] == [998, 999]


# — opaque objects —


class Player:
    name = "ann"

    def __call__(self) -> str:
        return "called"

    def __getitem__(self, key: Any) -> str:
        return "item"

    def __iter__(self) -> Any:
        return iter(["part"])

    def __len__(self) -> int:
        return 3


@pytest.mark.parametrize(
    "form",
    ["(p)", "(p 'name)", "(get p 'name)", "(get p \"name\")", "(hash-ref p 'name)", "(vector-ref p 0)", "(car p)",
     "(length p)", "(apply p '())", "(map p '(1))", "(vector->list p)", "(string-append p)", "(+ p 1)",
     "(for-each display p)", "(string->symbol p)", "(rows->table p)", "(plot p)"],
)  # fmt: skip
def test_a_host_object_cannot_be_entered(form: str) -> None:
    with Session(allow=Capabilities.all()) as session, pytest.raises(ChorusError):
        session.eval(form, p=Player())


def test_a_host_object_can_be_held_compared_and_given_back() -> None:
    player, other = Player(), Player()
    with Session() as session:
        assert session.eval("(hash-ref (hash-table 'a p) 'a)", p=player) is player
        assert session.eval("(list (eq? p p) (eq? p q) (equal? p q))", p=player, q=other) == [
            True,
            False,
            False,
        ]
        session.register("name-of", lambda one: one.name)
        assert session.eval("(name-of p)", p=player) == "ann"
        shown = session.eval("(call-with-output-string (lambda (port) (write p port)))", p=player)
        assert shown == "#<host Player>"


# — tasks —


def test_tasks_run_beside_one_another_and_can_be_cancelled() -> None:
    async def main() -> None:
        with Session() as one, Session() as two:
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    await asyncio.sleep(0.01)
                    ticks += 1

            ticking = asyncio.ensure_future(tick())
            sum_to = "(let loop ((i 0) (s 0)) (if (= i 200000) s (loop (+ i 1) (+ s i))))"
            assert await asyncio.gather(one.eval_async(sum_to), two.eval_async(sum_to)) == [19999900000] * 2
            await one.eval_async("(define before 1)")
            endless = asyncio.ensure_future(one.eval_async("(let loop () (loop))"))
            await asyncio.sleep(0.2)
            endless.cancel()
            with pytest.raises(asyncio.CancelledError):
                await endless
            assert await one.eval_async("(+ before x)", x=1) == 2
            at_once = asyncio.ensure_future(one.eval_async("(let loop () (loop))"))
            await asyncio.sleep(0)
            at_once.cancel()  # it may not have begun
            with pytest.raises(asyncio.CancelledError):
                await at_once
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await one.eval_async("(let loop () (loop))")
            assert await one.eval_async("before") == 1
            ticking.cancel()
            assert ticks > 10  # the event loop was never held

    asyncio.run(main())


def test_polars_frames_and_series_are_tables_and_lists() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"s": ["a", None], "c": ["x", "y"]}, schema_overrides={"c": pl.Categorical})
    with Session() as session:
        assert session.eval("(table->rows p)", p=frame) == [["a", "x"], [False, "y"]]
        assert session.eval("x", x=pl.Series([1, None])) == [1, False]


def test_arrow_columns_that_no_column_holds_as_they_are() -> None:
    import pyarrow as pa

    kinds = pa.array(["x", None, "y"]).dictionary_encode()
    data = {
        "v": pa.array(["a", "b", None], pa.string_view()),
        "d": kinds,
        "t": pa.array([1, 2, 3], pa.time32("s")),
    }
    with Session() as session:
        rows = [["a", "x", "00:00:01"], ["b", False, "00:00:02"], [False, "y", "00:00:03"]]
        assert session.eval("(table->rows t)", t=pa.table(data)) == rows
        assert session.eval("x", x=pa.chunked_array([[1, 2], [3]])) == [1, 2, 3]


def test_frames_held_in_other_values_are_tables_too() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"n": [1, 2, 3]})
    with Session() as session:
        session.register("held", lambda: {"frames": [frame, {"more": pa.table({"n": [4]})}]})
        session.register("frame", lambda: frame)
        assert session.eval("(map count all)", all=[frame, frame]) == [3, 3]
        assert session.eval("(column (where (frame) (> n 1)) n)") == [2, 3]
        assert session.eval('(count (get (cadr (get (held) "frames")) "more"))') == 1
        assert session.call(session.eval("(lambda (t) (count t))"), frame) == 3
        back = session.eval('(car (get (held) "frames"))')
        assert address(back["n"]) == frame["n"].to_numpy().ctypes.data  # and are not copied
        base = session.freeze()
    with base.session() as another:
        assert another.eval("(apply + (column (frame) n))") == 6


def test_a_frame_that_is_no_table_is_an_error_of_its_own() -> None:
    pd = pytest.importorskip("pandas")
    frames = [pd.DataFrame({"m": [1, "a"]}), pd.DataFrame([[1, 2]], columns=["a", "a"])]
    for isolation in (None, "process"):
        with Session(isolation=isolation) as session:
            for frame, told in zip(frames, ("column m", "Duplicate"), strict=True):
                with pytest.raises(ChorusError, match=told) as caught:
                    session.eval("t", t=frame)
                assert caught.value.code == "table-value"


@pytest.mark.parametrize("isolation", [None, "process"])
def test_a_host_object_is_the_same_each_time(isolation: str | None) -> None:
    one, other = object(), object()
    with Session(isolation=isolation) as session:
        same = "(list (eq? x y) (equal? x y) (eq? x z))"
        assert session.eval(same, x=one, y=one, z=other) == [True, True, False]
        session.eval("(define kept x)", x=one)
        assert session.eval("(eq? kept x)", x=one) is True
        assert session.eval("kept") is one
