"""Vectors, bytevectors and hash tables written out."""

from __future__ import annotations

import _ast as ast
from typing import Any

from chorus.interpreter.compiler.fast_pieces import Operand, Pieces, is_atom
from chorus.interpreter.compiler.kinds import (
    BYTES,
    CHAR,
    INTEGER,
    KEYWORD,
    NATURAL,
    SMALL_INTEGER,
    STRING,
    SYMBOL,
    TABLE,
    VECTOR,
    only,
)
from chorus.interpreter.compiler.writer import LOAD, STORE

KEY_ITSELF = (
    STRING | SYMBOL | KEYWORD | CHAR | SMALL_INTEGER
)  # kinds of keys that stand for themselves in a table


class Tables(Pieces):
    """vector-ref, vector-set!, hash-ref, hash-set!, and how many parts there are."""

    def _element(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """vector-ref with an index in range."""
        found = self._indexed(operands, VECTOR)
        if found is None:
            return None
        a_again, i, i_again, tests = found
        at = operands[1]
        tests += self._not_below(a_again, i, at[1])
        done = self._make(ast.Subscript, a_again, i_again, LOAD)
        return self._otherwise(self._both(*tests), done, direct, [a_again, i_again]) if tests else done

    def _not_below(self, vector: ast.expr, index: ast.expr, kind: int) -> list[ast.expr]:
        """The test that INDEX of VECTOR is none that Python counts from the end. What is beyond it is an IndexError:
        `host_errors` says of what, from variables. That of the constant 0 is a box's, see there.
        """
        if isinstance(index, ast.Constant) and isinstance(index.value, int) and index.value >= 0:
            return [] if index.value else [vector]
        if only(kind, NATURAL) and is_atom(index):
            return []
        return [self._compare(index, ast.GtE(), self._number(0))]

    def _how_many(self, operands: list[Operand], direct: str, kind: int) -> ast.expr:
        if operands[0][1] == kind:
            return self._helper("len", operands[0][0])
        first, again = self._held(operands[0])
        return self._otherwise(self._is_a([first], kind), self._helper("len", again), direct, [again])

    def _elements(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        return self._how_many(operands, direct, VECTOR)

    def _bytes(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        return self._how_many(operands, direct, BYTES)

    def _set_element(self, name: str, operands: list[Operand]) -> tuple[list[ast.stmt], ast.expr | None]:
        """vector-set! at an index in range."""
        (vector, of), (index, kind), (value, _) = operands
        tests = []
        if of != VECTOR:
            tests.append(self._is_a([vector], VECTOR))
        if not only(kind, INTEGER):
            tests.append(self._is_a([index], INTEGER))
        tests += self._not_below(vector, index, kind)
        target = self._make(ast.Subscript, vector, index, STORE)
        return [self._make(ast.Assign, [target], value)], self._both(*tests) if tests else None

    # — bytevectors —

    def _byte(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """bytevector-u8-ref with an index in range."""
        found = self._indexed(operands, BYTES)
        if found is None:
            return None
        a_again, i, i_again, tests = found
        tests.append(self._index(i, only(operands[1][1], NATURAL), self._helper("len", a_again)))
        done = self._make(ast.Subscript, a_again, i_again, LOAD)
        return self._otherwise(self._both(*tests), done, direct, [a_again, i_again])

    def _set_byte(self, name: str, operands: list[Operand]) -> tuple[list[ast.stmt], ast.expr | None]:
        """bytevector-u8-set! of a byte at an index in range."""
        (bytes_, of), (index, kind), (value, given) = operands
        tests = [] if of == BYTES else [self._is_a([bytes_], BYTES)]
        tests += [
            self._is_a([each], INTEGER)
            for each, its in ((index, kind), (value, given))
            if not only(its, INTEGER)
        ]
        tests.append(self._index(index, only(kind, NATURAL), self._helper("len", bytes_)))
        tests.append(self._index(value, only(given, NATURAL), self._number(256)))
        target = self._make(ast.Subscript, bytes_, index, STORE)
        return [self._make(ast.Assign, [target], value)], self._both(*tests)

    # — hash tables —

    def _key(self, operand: Operand, again: ast.expr) -> ast.expr:
        """What stands for the key AGAIN in a table."""
        if only(operand[1], KEY_ITSELF):
            return again
        own = self._stands_for_itself((again, operand[1]))
        return self._make(ast.IfExp, own, again, self._helper("hash-key", again))

    def _stands_for_itself(self, key: Operand) -> ast.expr:
        """Whether KEY is its own hash_key."""
        value, kind = key
        if only(kind, INTEGER):
            return self._between(-(1 << 59), value, self._number(1 << 59))
        own = self._compare(self._class_of(value), ast.In(), self._load("$:own-keys"))
        # a string is the most frequent, and sooner told
        return self._either(self._is_a([value], STRING), own) if kind & STRING else own

    def _look_up(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """hash-ref with a default."""
        table, key, *_, default = operands
        if not is_atom(default[0]) or not is_atom(key[0]):
            return None
        (t, t_again), (k, k_again) = self._held(table), self._held(key)
        if not is_atom(k):
            return None
        held = self._part_of(t if table[1] == TABLE else t_again, "values")
        done = self._method(held, "get", self._key(key, k_again), default[0])
        if table[1] == TABLE:
            return done
        return self._otherwise(
            self._is_a([t], TABLE), done, direct, [t_again, k_again, *(value for value, _ in operands[2:])]
        )

    def _put(self, name: str, operands: list[Operand]) -> tuple[list[ast.stmt], ast.expr | None]:
        """hash-set!"""
        (table, kind), key, (value, _) = operands
        target = self._make(ast.Subscript, self._part_of(table, "values"), key[0], STORE)
        tests = [] if kind == TABLE else [self._is_a([table], TABLE)]
        if not only(key[1], KEY_ITSELF):
            tests.append(self._stands_for_itself(key))
        return [self._make(ast.Assign, [target], value)], self._both(*tests) if tests else None


TEMPLATES: dict[tuple[str, int], Any] = {
    ("vector-ref", 2): Tables._element,
    ("vector-length", 1): Tables._elements,
    ("bytevector-length", 1): Tables._bytes,
    ("bytevector-u8-ref", 2): Tables._byte,
    **{(name, 3): Tables._look_up for name in ("hash-ref", "hash-table-ref/default")},
    ("%hash-value", 4): Tables._look_up,
}
STATEMENTS: dict[tuple[str, int], Any] = {
    ("vector-set!", 3): Tables._set_element,
    ("bytevector-u8-set!", 3): Tables._set_byte,
    **{(name, 3): Tables._put for name in ("hash-set!", "hash-table-set!")},
}
