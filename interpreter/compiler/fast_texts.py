"""Strings and characters written out. A character of the host's strings is a string of one; where only its letter is
asked for, the character is not even looked up.
"""

from __future__ import annotations

import _ast as ast
from typing import Any

from chorus.interpreter.compiler.fast_pieces import Operand, Pieces, is_atom
from chorus.interpreter.compiler.kinds import CHAR, INTEGER, NATURAL, SMALL_INTEGER, STRING, VECTOR, only
from chorus.interpreter.compiler.writer import LOAD, STORE
from chorus.runtime.values import Char

LONG = 10_000  # characters of a string from which on it is charged for
RELATIONS = {"=?": ast.Eq, "<?": ast.Lt, ">?": ast.Gt, "<=?": ast.LtE, ">=?": ast.GtE}


class Texts(Pieces):
    """string-ref, string-length, string-append, number->string, comparisons."""

    def _character(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """string-ref with an index in range."""
        if operands[0][1] != STRING:
            return self._character_of_any(direct, operands)
        found = self._indexed(operands, STRING)
        if found is None:
            return None
        a_again, i, i_again, tests = found
        at = operands[1]
        tests.append(self._index(i, only(at[1], NATURAL), self._size_of(a_again)))
        letter = self._make(ast.Subscript, a_again, i_again, LOAD)
        done = self._make(ast.Subscript, self._load("$:chars"), letter, LOAD)
        return self._otherwise(self._both(*tests), done, direct, [a_again, i_again])

    def _character_of_any(self, direct: str, operands: list[Operand]) -> ast.expr | None:
        """The same of a string that may be one that can be changed."""
        (a, a_again), (i, kind) = self._held(operands[0]), operands[1]
        if not is_atom(i):
            return None  # the test of the string would not always compute it
        found, again = self._held((self._letters(a, a_again), 0))
        tests = [self._compare(found, ast.IsNot(), self._make(ast.Constant, None))]
        if not only(kind, INTEGER):
            tests.append(self._is_a([i], INTEGER))
        tests.append(self._index(i, only(kind, NATURAL), self._helper("len", again)))
        letter = self._make(ast.Subscript, again, i, LOAD)
        done = self._make(ast.Subscript, self._load("$:chars"), letter, LOAD)
        return self._otherwise(self._both(*tests), done, direct, [a_again, i])

    def _letters(self, text: ast.expr, again: ast.expr) -> ast.expr:
        """What holds the characters of TEXT, of either class of strings; None of anything else."""
        held = self._make(
            ast.IfExp,
            self._is_changeable(again),
            self._part_of(again, "held"),
            self._make(ast.Constant, None),
        )
        return self._make(ast.IfExp, self._is_a([text], STRING), again, held)

    def _is_changeable(self, text: ast.expr) -> ast.expr:
        return self._compare(self._class_of(text), ast.Is(), self._load("$:changeable-string"))

    def _length(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        if operands[0][1] == STRING:
            return self._size_of(operands[0][0])
        first, again = self._held(operands[0])
        size = self._helper("len", self._part_of(again, "held"))
        other = self._otherwise(self._is_changeable(again), size, direct, [again])
        return self._make(ast.IfExp, self._is_a([first], STRING), self._helper("len", again), other)

    def _set_character(self, name: str, operands: list[Operand]) -> tuple[list[ast.stmt], ast.expr | None]:
        """string-set! of a string that has been changed before, at an index in range."""
        (text, _), (index, kind), (char, given) = operands
        held = self._part_of(text, "held")
        tests = [self._is_changeable(text), self._is_a([held], VECTOR)]
        if not only(kind, INTEGER):
            tests.append(self._is_a([index], INTEGER))
        tests.append(self._index(index, only(kind, NATURAL), self._helper("len", held)))
        if given != CHAR:
            tests.append(self._is_a([char], CHAR))
        target = self._make(ast.Subscript, held, index, STORE)
        return [self._make(ast.Assign, [target], self._letter(char))], self._both(*tests)

    def _size_of(self, text: ast.expr) -> ast.expr:
        """The length of TEXT, a string of the host's, which cannot change: that of a parameter is asked for once."""
        region = self.region
        if region is None or not isinstance(text, ast.Name) or not region.keeps_string(text.id):
            return self._helper("len", text)
        region.sized.add(text.id)
        return self._load(size_name(text.id))

    # — letters —

    def _letter(self, value: ast.expr) -> ast.expr:
        """The host's string of the character that VALUE computes, without looking the character up."""
        if (
            isinstance(value, ast.Subscript)
            and isinstance(value.value, ast.Name)
            and value.value.id == "$:chars"
        ):
            return value.slice
        if isinstance(value, ast.IfExp):
            return self._make(ast.IfExp, value.test, self._letter(value.body), self._letter(value.orelse))
        if isinstance(value, ast.Constant):
            char = self.pool.object(value.value)
            if char.__class__ is Char:
                return self._make(ast.Constant, char.value)
        return self._part_of(value, "value")

    def _compare_chars(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        left, right = operands
        operator = RELATIONS[name[4:]]()
        if left[1] == CHAR and right[1] == CHAR:
            if (
                name == "char=?"
                and is_atom(left[0])
                and is_atom(right[0])
                and not is_constant_pair(left, right)
            ):
                return self._compare(self._named(left[0]), ast.Is(), self._named(right[0]))
            return self._compare(self._letter(left[0]), operator, self._letter(right[0]))
        (a, a_again), (b, b_again) = self._held(left), self._held(right)
        known = [each for each, operand in ((a, left), (b, right)) if operand[1] != CHAR]
        if any(not is_atom(each) for each in (a, b) if each not in known):
            known = [a, b]
        done = self._compare(self._letter(a_again), operator, self._letter(b_again))
        return self._otherwise(self._is_a(known, CHAR), done, direct, [a_again, b_again])

    def _code(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        """char->integer"""
        if operands[0][1] == CHAR:
            return self._helper("ord", self._letter(operands[0][0]))
        first, again = self._held(operands[0])
        done = self._helper("ord", self._part_of(again, "value"))
        return self._otherwise(self._is_a([first], CHAR), done, direct, [again])

    # — whole strings —

    def _compare_texts(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        operator = RELATIONS[name[6:]]()
        left, right = operands
        if left[1] == STRING and right[1] == STRING:
            return self._compare(left[0], operator, right[0])
        (a, a_again), (b, b_again) = self._held(left), self._held(right)
        done = self._compare(a_again, operator, b_again)
        known = [each for each, (_, kind) in ((a, left), (b, right)) if kind != STRING]
        if not all(is_atom(each) for each in (a, b) if each not in known):
            known = [a, b]
        return self._otherwise(self._is_a(known, STRING), done, direct, [a_again, b_again])

    def _number_text(self, name: str, direct: str, operands: list[Operand]) -> ast.expr:
        value, kind = operands[0]
        if only(kind, SMALL_INTEGER):
            return self._helper("str", value)
        first, again = self._held(operands[0])
        if only(kind, INTEGER):
            test = self._has_few_digits(first)
        else:
            test = self._both(self._is_a([first], INTEGER), self._has_few_digits(again))
        return self._otherwise(test, self._helper("str", again), direct, [again])

    def _append(self, name: str, direct: str, operands: list[Operand]) -> ast.expr | None:
        """string-append of strings that together are not long enough to be charged for."""
        held = [self._held(operand) for operand in operands]
        known = [kind == STRING for _, kind in operands]
        again = [each for _, each in held]
        unbounded = [
            self._helper("len", each)
            for each, (value, _) in zip(again, operands, strict=True)
            if not is_short(value)
        ]
        if all(known) and not unbounded:
            return self._joined([value for value, _ in operands])
        # all are computed before one is looked at
        doubtful = [
            first for (first, _), sure in zip(held, known, strict=True) if not sure or not is_atom(first)
        ]
        tests = [self._is_a(doubtful, STRING)] if doubtful else []
        if unbounded:
            size = unbounded[0]
            for each in unbounded[1:]:
                size = self._make(ast.BinOp, size, ast.Add(), each)
            tests.append(self._compare(size, ast.Lt(), self._number(LONG)))
        return self._otherwise(self._both(*tests), self._joined(again), direct, again)

    def _joined(self, texts: list[ast.expr]) -> ast.expr:
        if len(texts) > 2 and all(map(_can_be_a_piece, texts)):
            return self._make(ast.JoinedStr, [self._piece(each) for each in texts])  # built at once
        whole = texts[0]
        for each in texts[1:]:
            whole = self._make(ast.BinOp, whole, ast.Add(), each)
        return whole

    def _piece(self, text: ast.expr) -> ast.expr:
        if isinstance(text, ast.Constant):
            return text
        return self._make(ast.FormattedValue, _said(text), -1, None)

    def _has_few_digits(self, value: ast.expr) -> ast.expr:
        return self._between(-(1 << 62), value, self._number(1 << 62))


def _can_be_a_piece(text: ast.expr) -> bool:
    if isinstance(text, ast.Constant):
        return isinstance(text.value, str)
    return isinstance(_said(text), ast.Name)


def _said(text: ast.expr) -> ast.expr:
    """What TEXT is the text of, if it is that of a number."""
    return text.args[0] if isinstance(text, ast.Call) and is_short(text) else text


def is_constant_pair(left: Operand, right: Operand) -> bool:
    return isinstance(left[0], ast.Constant) and isinstance(right[0], ast.Constant)


def size_name(py: str) -> str:
    """The Python variable that holds the length of the string PY."""
    return f"size~{py}"


def is_short(value: ast.expr) -> bool:
    """Whether VALUE is a string that is written down, or a number's."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, str) and len(value.value) < LONG >> 3
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "$:str"


TEMPLATES: dict[tuple[str, int], Any] = {
    ("string-ref", 2): Texts._character,
    ("string-length", 1): Texts._length,
    **{("char" + relation, 2): Texts._compare_chars for relation in RELATIONS},
    **{("string" + relation, 2): Texts._compare_texts for relation in RELATIONS},
    ("char->integer", 1): Texts._code,
    ("number->string", 1): Texts._number_text,
    **{("string-append", count): Texts._append for count in range(2, 6)},
}
STATEMENTS: dict[tuple[str, int], Any] = {("string-set!", 3): Texts._set_character}
