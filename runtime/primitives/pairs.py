"""Pairs: cons, car, cdr and their compositions."""

from __future__ import annotations

from itertools import product
from typing import Any, NoReturn

from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.values import NIL, UNSPECIFIED, Cons, Pair


def no_pair(caller: str, value: Any) -> NoReturn:
    raise wrong_type(caller, "pair", "a pair", value)


@primitive("cons", effects="pure", checked=False)
def cons(first: Any, rest: Any) -> Pair:
    """A pair of FIRST and REST: a list when REST is one.

    > (cons 1 '(2 3))
    => (1 2 3)
    """
    made = Cons()
    made.car = first
    made.cdr = rest
    return made


@primitive("car", effects="pure", checked=False)
def car(pair: Any) -> Any:
    """The first of PAIR.

    > (car '(1 2))
    => 1
    """
    if isinstance(pair, Pair):
        return pair.car
    no_pair("car", pair)


@primitive("cdr", effects="pure", checked=False)
def cdr(pair: Any) -> Any:
    """The rest of PAIR.

    > (cdr '(1 2))
    => (2)
    """
    if isinstance(pair, Pair):
        return pair.cdr
    no_pair("cdr", pair)


def _path(letters: str) -> None:
    """Declare c…r: LETTERS are applied from the right."""
    name = f"c{letters}r"
    steps = [letter == "a" for letter in reversed(letters)]

    def follow(pair: Any) -> Any:
        here = pair
        for first in steps:
            if not isinstance(here, Pair):
                raise wrong_type(name, "pair", f"a pair that has a {name}", pair)
            here = here.car if first else here.cdr
        return here

    spelled = "(c" + "r (c".join(letters) + "r pair" + ")" * len(letters)
    example = {"a": "'(((((1) 2) 3) 4) 5)", "d": "'(1 2 3 4 5)"}
    tree = "'((((1 . 2) 3 . 4) (5 . 6) 7 . 8) ((9 . 10) 11 . 12) (13 . 14) 15 . 16)"
    sample = example[letters[0]] if len(set(letters)) == 1 else tree
    follow.__doc__ = f"{spelled}.\n\n> ({name} {sample})\n=> …"
    follow.__name__ = name
    primitive(name, effects="pure", checked=False)(follow)


for _length in (2, 3, 4):
    for _letters in product("ad", repeat=_length):
        _path("".join(_letters))


@primitive("set-car!", effects="mutate")
def set_car(pair: Pair, value: Any) -> Any:
    """Make VALUE the first of PAIR.

    > (let ((p (list 1 2))) (set-car! p 9) p)
    => (9 2)
    """
    pair.car = value
    return UNSPECIFIED


@primitive("set-cdr!", effects="mutate")
def set_cdr(pair: Pair, value: Any) -> Any:
    """Make VALUE the rest of PAIR.

    > (let ((p (list 1 2))) (set-cdr! p '()) p)
    => (1)
    """
    pair.cdr = value
    return UNSPECIFIED


@primitive("pair?", effects="pure", checked=False)
def is_pair(value: Any) -> bool:
    """Whether VALUE is a pair.

    > (pair? '())
    => #f
    """
    return isinstance(value, Pair)


@primitive("null?", effects="pure", checked=False)
def is_null(value: Any) -> bool:
    """Whether VALUE is the empty list.

    > (null? '())
    => #t
    """
    return value is NIL
