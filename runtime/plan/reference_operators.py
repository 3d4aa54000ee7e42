"""What each operator means, in plain Python: the tables of the slow evaluator; the order of values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, Final

from chorus.runtime.plan.expressions import Call
from chorus.runtime.plan.reference_texts import TEXTS
from chorus.runtime.plan.reference_times import TIMES
from chorus.runtime.plan.types import BOOLEAN, REAL


def rank(value: Any, descending: bool = False) -> tuple[Any, ...]:
    """A key that sorts values: NaN above all numbers, missing last either way."""
    if value is None:
        return (1,)
    if isinstance(value, (bool, int, float)):
        parts: tuple[Any, ...] = (1, 0) if value != value else (0, value)
        return (0, *(-part for part in parts)) if descending else (0, *parts)
    return (0, Reversed(value)) if descending else (0, value)


class Reversed:
    """A value that sorts the other way round."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: Reversed) -> bool:
        return other.value < self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reversed) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def truth(value: Any) -> bool:
    return value is not None and value is not False


def same(left: Any, right: Any) -> bool:
    """`=`: missing and #f are one; 1 equals 1.0 and never #t; NaN equals NaN; types do not mix."""
    left, right = (None if side is False else side for side in (left, right))
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return rank(left) == rank(right)
    return type(left) is type(right) and left == right


def _chain(test: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda *given: all(test(left, right) for left, right in pairwise(given))


def _if(call: Call, given: list[Any]) -> Any:
    chosen = given[1] if truth(given[0]) else given[2]
    return truth(chosen) if call.type == BOOLEAN else chosen


def _or(call: Call, given: list[Any]) -> Any:
    if call.type == BOOLEAN:
        return any(map(truth, given))
    return next((argument for argument in given if argument is not None), None)


def _divide(*given: Any) -> float | None:
    result: float | None = float(given[0])
    for divisor in given[1:]:
        result = None if result is None or divisor == 0 else _ieee(result, float(divisor))
    return result


def _ieee(a: float, b: float) -> float:
    try:
        return a / b
    except OverflowError:
        return math.inf


def _quotient(a: int, b: int) -> int | None:
    return None if b == 0 else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(a: int, b: int) -> int | None:
    return None if b == 0 else int(math.fmod(a, b))


def _whole(rounding: Callable[[float], int]) -> Callable[[Any], Any]:
    def compute(number: Any) -> Any:
        if isinstance(number, int) or not math.isfinite(number):
            return number
        return float(rounding(number))

    return compute


def _exp(number: float) -> float:
    try:
        return math.exp(number)
    except OverflowError:
        return math.inf


def _number(text: str) -> float | None:
    try:
        return float(text) if text.isascii() else None
    except ValueError:
        return None


def _each_char(change: Callable[[str], str]) -> Callable[[str], str]:
    """Simple case mapping: characters never become several, as in Unicode's default for databases."""
    return lambda text: "".join(made if len(made := change(char)) == 1 else char for char in text)


def _search(text: str, pattern: str) -> bool:
    import re2

    return re2.search(pattern, text) is not None


# Give nothing (a condition: false) where an argument is missing.
STRICT: Final[dict[str, Callable[..., Any]]] = {
    "<": _chain(lambda a, b: rank(a) < rank(b)),
    ">": _chain(lambda a, b: rank(a) > rank(b)),
    "<=": _chain(lambda a, b: rank(a) <= rank(b)),
    ">=": _chain(lambda a, b: rank(a) >= rank(b)),
    "+": lambda *given: sum(given),
    "-": lambda first, *rest: first - sum(rest) if rest else -first,
    "*": lambda *given: math.prod(given),
    "/": _divide,
    "quotient": _quotient,
    "remainder": _remainder,
    "modulo": lambda a, b: None if b == 0 else a % b,
    "abs": abs,
    "round": _whole(round),
    "floor": _whole(math.floor),
    "ceiling": _whole(math.ceil),
    "sqrt": lambda number: None if number < 0 else math.sqrt(number),
    "log": lambda number: None if number <= 0 else math.log(number),
    "exp": _exp,
    "number": _number,
    "contains?": lambda text, part: part in text,
    "starts-with?": str.startswith,
    "ends-with?": str.endswith,
    "matches?": _search,
    "lower": _each_char(str.lower),
    "upper": _each_char(str.upper),
    "trim": lambda text: text.strip(" \t\n\r"),
    "length": len,
    "string-append": lambda *given: "".join(given),
    "substring": lambda text, start, end: text[start:end],
    "replace": lambda text, old, new: text.replace(old, new) if old else text,
    **TEXTS,
    **TIMES,
}

# Know what to do with what is missing: (call, arguments) → value.
LENIENT: Final[dict[str, Callable[[Call, list[Any]], Any]]] = {
    "=": lambda call, given: _chain(same)(*given),
    "and": lambda call, given: all(map(truth, given)),
    "or": _or,
    "not": lambda call, given: not truth(given[0]),
    "if": _if,
    "missing?": lambda call, given: not truth(given[0]),
    "null?": lambda call, given: given[0] is None,
    "member": lambda call, given: any(same(given[0], one) for one in given[1]),
    "least": lambda call, given: min(_there(given), key=rank, default=None),
    "greatest": lambda call, given: max(_there(given), key=rank, default=None),
}


def _there(values: Iterable[Any]) -> list[Any]:
    return [one for one in values if one is not None]


def _numbers(call: Call, values: list[Any]) -> list[Any]:
    """What is averaged or summed: numbers that are there, conditions as 1 and 0."""
    if call.arguments[0].type == BOOLEAN:
        return [int(truth(one)) for one in values]
    return _there(values)


def _quantile(call: Call, values: list[Any]) -> float | None:
    at = call.arguments[1].value if len(call.arguments) > 1 else 0.5  # type: ignore[union-attr]
    line = sorted((float(one) for one in _there(values)), key=rank)
    if not line:
        return None
    place = (len(line) - 1) * float(at)  # type: ignore[arg-type]
    low, high = line[math.floor(place)], line[math.ceil(place)]
    return low if place == math.floor(place) else low + (high - low) * (place - math.floor(place))


def _stddev(call: Call, values: list[Any]) -> float | None:
    there = [float(one) for one in _there(values)]
    if len(there) < 2:
        return None
    mean = math.fsum(there) / len(there)
    return math.sqrt(math.fsum((one - mean) ** 2 for one in there) / (len(there) - 1))


def _sum(call: Call, values: list[Any]) -> Any:
    return (math.fsum if call.type == REAL else sum)(_numbers(call, values))


def _mean(call: Call, values: list[Any]) -> float | None:
    numbers = _numbers(call, values)
    return math.fsum(numbers) / len(numbers) if numbers else None


def _at(extreme: Callable[..., Any], call: Call, values: list[Any]) -> Any:
    """What stands beside the EXTREME of the second argument; VALUES are pairs."""
    there = [pair for pair in values if pair[1] is not None]
    if not there:
        return False if call.type == BOOLEAN else None
    by = extreme(rank(second) for _, second in there)
    beside = _there(first for first, second in there if rank(second) == by)
    return extreme(beside, key=rank, default=None)


# (call, the argument's value in each row, or all arguments' where they are several that depend on it) → value.
AGGREGATES: Final[dict[str, Callable[[Call, list[Any]], Any]]] = {
    "count": lambda call, values: sum(map(truth, values)),
    "count-distinct": lambda call, values: len({rank(one) for one in _there(values)}),
    "sum": _sum,
    "mean": _mean,
    "min": lambda call, values: min(_there(values), key=rank, default=None),
    "max": lambda call, values: max(_there(values), key=rank, default=None),
    "median": _quantile,
    "quantile": _quantile,
    "stddev": _stddev,
    "arg-min": lambda call, values: _at(min, call, values),
    "arg-max": lambda call, values: _at(max, call, values),
}
