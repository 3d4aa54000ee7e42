"""Vectors: arrays of any values, held as Python lists."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.lists import Elements, reserve
from chorus.runtime.values import UNSPECIFIED, make_list


def bounds(caller: str, size: int, start: int, end: int | None) -> tuple[int, int]:
    """START and END (SIZE when not given) of a part; EvalError when there is no such part."""
    stop = size if end is None else end
    if not 0 <= start <= stop <= size:
        raise EvalError(
            f"{caller}: no part from {start} to {stop} of something {size} long",
            code="range",
            irritants=(start, stop),
        )
    return start, stop


def out_of_range(caller: str, index: Any, size: int) -> EvalError:
    if index.__class__ is not int:
        return wrong_type(caller, "index", "an exact integer", index)
    inside = f"indices go from 0 to {size - 1}" if size else "it is empty"
    return EvalError(f"{caller}: there is no element {index}", code="range", hint=inside, irritants=(index,))


@primitive("vector?", effects="pure", checked=False)
def is_vector(value: Any) -> bool:
    """Whether VALUE is a vector.

    > (vector? #(1 2))
    => #t
    """
    return isinstance(value, list)


@primitive("make-vector", effects="pure")
def make_vector(size: int, fill: Any = 0) -> list:
    """A vector of SIZE times FILL.

    > (make-vector 2 'x)
    => #(x x)
    """
    reserve(size, "make-vector")
    return [fill] * size


@primitive("vector", effects="pure", checked=False)
def vector(*items: Any) -> list[Any]:
    """A vector of ITEMS.

    > (vector 1 2)
    => #(1 2)
    """
    return list(items)


@primitive("vector-length", effects="pure")
def vector_length(vector: list) -> int:
    """How many elements VECTOR has.

    > (vector-length #(1 2))
    => 2
    """
    return len(vector)


@primitive("vector-ref", effects="pure", checked=False)
def vector_ref(vector: Any, index: Any) -> Any:
    """The element of VECTOR at INDEX, from 0.

    > (vector-ref #(a b) 1)
    => b
    """
    if not isinstance(vector, list):
        raise wrong_type("vector-ref", "vector", "a vector", vector)
    if index.__class__ is int and 0 <= index < len(vector):
        return vector[index]
    raise out_of_range("vector-ref", index, len(vector))


@primitive("vector-set!", effects="mutate", checked=False)
def vector_set(vector: Any, index: Any, value: Any) -> Any:
    """Make VALUE the element of VECTOR at INDEX.

    > (let ((v (vector 1 2))) (vector-set! v 0 'x) v)
    => #(x 2)
    """
    if not isinstance(vector, list):
        raise wrong_type("vector-set!", "vector", "a vector", vector)
    if index.__class__ is not int or not 0 <= index < len(vector):
        raise out_of_range("vector-set!", index, len(vector))
    vector[index] = value
    return UNSPECIFIED


@primitive("vector->list", effects="pure")
def vector_to_list(vector: list, start: int = 0, end: int | None = None) -> Any:
    """The elements of VECTOR from START to END as a list.

    > (vector->list #(1 2 3) 1)
    => (2 3)
    """
    first, stop = bounds("vector->list", len(vector), start, end)
    return make_list(vector[first:stop])


@primitive("list->vector", effects="pure")
def list_to_vector(items: Elements) -> list:
    """A vector of the elements of ITEMS.

    > (list->vector '(1 2))
    => #(1 2)
    """
    return items


@primitive("vector-copy", effects="pure", aliases=("subvector",))
def vector_copy(vector: list, start: int = 0, end: int | None = None) -> list:
    """A new vector of the elements of VECTOR from START to END.

    > (vector-copy #(1 2 3) 1 2)
    => #(2)
    """
    first, stop = bounds("vector-copy", len(vector), start, end)
    return vector[first:stop]


@primitive("vector-copy!", effects="mutate")
def vector_copy_into(to: list, at: int, source: list, start: int = 0, end: int | None = None) -> Any:
    """Copy the elements of SOURCE from START to END into TO from AT on.

    > (let ((v (vector 1 2 3))) (vector-copy! v 0 #(7 8 9) 1) v)
    => #(8 9 3)
    """
    first, stop = bounds("vector-copy!", len(source), start, end)
    bounds("vector-copy!", len(to), at, at + stop - first)
    to[at : at + stop - first] = source[first:stop]
    return UNSPECIFIED


@primitive("vector-fill!", effects="mutate")
def vector_fill(vector: list, fill: Any, start: int = 0, end: int | None = None) -> Any:
    """Make FILL every element of VECTOR from START to END.

    > (let ((v (vector 1 2 3))) (vector-fill! v 0 1) v)
    => #(1 0 0)
    """
    first, stop = bounds("vector-fill!", len(vector), start, end)
    vector[first:stop] = [fill] * (stop - first)
    return UNSPECIFIED


@primitive("vector-append", effects="pure")
def vector_append(*vectors: list) -> list:
    """The elements of all VECTORS in a new one.

    > (vector-append #(1) #(2 3))
    => #(1 2 3)
    """
    reserve(sum(map(len, vectors)), "vector-append")
    return [each for vector in vectors for each in vector]


@primitive("vector-reverse", effects="pure")
def vector_reverse(vector: list) -> list:
    """The elements of VECTOR, last one first.

    > (vector-reverse #(1 2 3))
    => #(3 2 1)
    """
    return vector[::-1]


@primitive("vector-swap!", effects="mutate")
def vector_swap(vector: list, i: int, j: int) -> Any:
    """Exchange the elements of VECTOR at I and J.

    > (let ((v (vector 1 2 3))) (vector-swap! v 0 2) v)
    => #(3 2 1)
    """
    for index in (i, j):
        if not 0 <= index < len(vector):
            raise out_of_range("vector-swap!", index, len(vector))
    vector[i], vector[j] = vector[j], vector[i]
    return UNSPECIFIED
