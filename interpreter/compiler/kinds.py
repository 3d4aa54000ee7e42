"""What kind of value an expression has, as far as it can be told before it runs: sets of classes as bits.

An exact integer is of one of three kinds. NATURAL and COUNT are what lengths are and what is counted in steps that
are written down: no program runs long enough for one to need more than a machine word, so that its products need no
account. A NATURAL is not negative. INT is any exact integer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.runtime.values import Char, Cons, HashTable, Keyword, Nil, Pair, SourcePair, Symbol

(
    NATURAL, COUNT, INT, FLOAT, BOOL, STRING, CHAR, SYMBOL, KEYWORD, PAIR, NIL, VECTOR, TABLE, PROCEDURE, BYTES, OTHER,
) = (1 << bit for bit in range(16))  # fmt: skip
ANY = (1 << 16) - 1
SMALL_INTEGER = NATURAL | COUNT
INTEGER = SMALL_INTEGER | INT
NUMBER = INTEGER | FLOAT  # of a machine's classes
SOME_NUMBER = NUMBER | OTHER  # a fraction or a complex number, too
CLASSES = {
    int: INT,
    float: FLOAT,
    bool: BOOL,
    str: STRING,
    Char: CHAR,
    Symbol: SYMBOL,
    Keyword: KEYWORD,
    Pair: PAIR,
    Cons: PAIR,
    SourcePair: PAIR,
    Nil: NIL,
    list: VECTOR,
    HashTable: TABLE,
    bytearray: BYTES,
}
STEP = 1 << 20  # what a count may grow by in one step
SMALL = (
    1 << 31
)  # a factor below this lets a product grow no faster than a sum: greater ones are the primitive's to charge
FACTOR = (1 << 30) - 1  # the same, where it has to be looked at: CPython compares numbers of one digit sooner
IDENTICAL = SYMBOL | KEYWORD | NIL | BOOL | CHAR  # of these classes equal values are one

SUMS = frozenset(("+", "-", "*"))
COMPARISONS = frozenset(("<", ">", "<=", ">=", "="))
SELECTING = frozenset(("min", "max", "abs"))
WHOLE = frozenset(
    ("quotient", "remainder", "modulo", "floor-quotient", "floor-remainder", "truncate-quotient",
     "truncate-remainder")
)  # fmt: skip
# calls whose operands are worth knowing when the region is entered
NUMERIC = (
    SUMS
    | COMPARISONS
    | WHOLE
    | {"/", "zero?", "even?", "odd?", "positive?", "negative?", "abs", "min", "max"}
)
DIVIDING = WHOLE | {"even?", "odd?"}  # of integers
# operands, by their place, that are worth knowing to be of the kind
EXPECTED = {
    **{(name, 0): STRING for name in ("string-ref", "string-length")},
    **{(name, 0): VECTOR for name in ("vector-ref", "vector-length", "vector-set!")},
    **{(name, 0): BYTES for name in ("bytevector-u8-ref", "bytevector-u8-set!", "bytevector-length")},
    **{
        (name, 1): INTEGER
        for name in ("string-ref", "vector-ref", "vector-set!", "bytevector-u8-ref", "bytevector-u8-set!")
    },
    **{(name, 0): TABLE for name in ("hash-ref", "hash-table-ref/default", "hash-set!", "hash-table-set!")},
}
# what makes hash tables; whether so many operands may make one under an equality of its own, which is of no kind here
TABLE_MAKERS: dict[str, Callable[[int], bool]] = {
    "make-hash-table": bool,
    "make-equal-hash-table": bool,
    "hash-table": lambda count: count % 2 == 1,
}
# what primitives give, whatever they are given
RESULTS = {
    **dict.fromkeys(COMPARISONS, BOOL),
    **dict.fromkeys(
        ("zero?", "even?", "odd?", "positive?", "negative?", "not", "null?", "pair?", "eq?", "eqv?", "equal?", "list?",
         "char=?", "char<?", "char>?", "char<=?", "char>=?", "string=?", "string<?", "string>?", "string<=?",
         "string>=?", "string?", "symbol?", "number?", "integer?", "char?", "boolean?", "procedure?", "vector?",
         "hash-table?", "char-alphabetic?", "char-numeric?", "char-whitespace?", "hash-has-key?", "hash-contains?",
         "hash-table-contains?", "hash-table-exists?", "string-null?", "eof-object?"),
        BOOL,
    ),
    **dict.fromkeys(("string-length", "vector-length", "length", "char->integer", "hash-count", "hash-table-size",
                     "bytevector-length", "bytevector-u8-ref"),
                    NATURAL),
    **dict.fromkeys(("make-bytevector", "bytevector"), BYTES),
    **dict.fromkeys(("bitwise-and", "bitwise-or", "bitwise-ior", "bitwise-xor"), INT),
    **dict.fromkeys(("string-ref", "integer->char", "char-upcase", "char-downcase"), CHAR),
    **dict.fromkeys(("number->string", "symbol->string", "string-append", "substring"),
                    STRING),
    **dict.fromkeys(("vector", "make-vector", "list->vector"), VECTOR),
    **dict.fromkeys(tuple(TABLE_MAKERS), TABLE),
    **dict.fromkeys(("append-reverse",), ANY),
    **dict.fromkeys(("string->symbol",), SYMBOL),
    **dict.fromkeys(("list", "reverse", "vector->list", "string->list", "iota", "hash-keys",
                     "hash-values"), PAIR | NIL),
    **dict.fromkeys(("set-car!", "set-cdr!", "vector-set!", "hash-set!", "hash-table-set!", "display", "newline"),
                    OTHER),
    **dict.fromkeys(("abs", "min", "max", "sqrt", "expt", "gcd", "lcm", "exact", "inexact", "exact->inexact",
                     "inexact->exact", "floor", "round", "truncate", "ceiling", "exp", "log", "sin", "cos"),
                    SOME_NUMBER),
    "cons": PAIR,
}  # fmt: skip


def kind_of_constant(value: Any) -> int:
    if value.__class__ is int and abs(value) < SMALL:
        return NATURAL if value >= 0 else COUNT
    return CLASSES.get(value.__class__, OTHER)


def settled(kind: int) -> int:
    """KIND of what is computed; nothing known at all is anything."""
    return kind or ANY


def only(kind: int, allowed: int) -> bool:
    """Whether a value of KIND, of which something is known, is sure to be one of the kinds ALLOWED."""
    return bool(kind) and not kind & ~allowed


def join_sum(kinds: list[int]) -> int:
    """What +, - or * of operands of KINDS is; nothing (0) as long as one is nothing."""
    whole = 0
    for kind in kinds:
        if not kind:
            return 0
        whole |= kind
    if whole & ~NUMBER:
        return SOME_NUMBER
    if FLOAT in kinds:
        return FLOAT
    return INT | (whole & FLOAT)


def join_selected(name: str, kinds: list[int]) -> int:
    """What min, max or abs of operands of KINDS is."""
    whole = 0
    for kind in kinds:
        whole |= kind
    if 0 in kinds:
        return 0
    if not only(whole, INTEGER):
        return FLOAT if whole == FLOAT else SOME_NUMBER
    return whole if name != "abs" else NATURAL if only(whole, SMALL_INTEGER) else INT


def counted_on(kind: int, step: Any) -> int:
    """The kind of a count of KIND after STEP, an integer that is written down, has been added."""
    if only(kind, NATURAL) and step >= 0:
        return NATURAL
    return COUNT


def join_whole(name: str, kinds: list[int], divisor: Any) -> int:
    """What a division of integers gives; DIVISOR: the second operand, if it is written down."""
    if 0 in kinds:
        return 0
    if not all(only(kind, INTEGER) for kind in kinds):
        return SOME_NUMBER
    remains = not name.endswith("quotient")
    if remains and type(divisor) is int and 0 < divisor < SMALL:
        return NATURAL if name in ("modulo", "floor-remainder") or only(kinds[0], NATURAL) else COUNT
    if only(kinds[0], NATURAL) and only(kinds[1], NATURAL):
        return NATURAL
    return COUNT if only(kinds[0], SMALL_INTEGER) and only(kinds[1], SMALL_INTEGER) else INT
