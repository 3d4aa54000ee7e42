"""The closed table of operators: what may stand in an expression over columns, and the types taken and given.

A row's TAKES names the kinds of its arguments; the last may be followed by `+` (one or more), `*` (any number) or
`?` (none or one):

    any       any type                         numeric   a number, or a condition counted as 1 and 0
    number    integer or real                  truth     any type: missing and #f are false
    ordered   string, number or instant        unit      one of UNITS, by name
    string, integer, instant: that type        values    a list of the program
    text      a string of the program itself   index     a whole number ≥ 0 of the program
    count     a whole number ≥ 1 of the program
    zone      a time zone of the program, by its IANA name ("Europe/Berlin"); without one, UTC
    step      a member's name or an element's place in JSON, of the program
    pattern   a regular expression of the program         portion   a number from 0 to 1 of the program

GIVES is a type, `same` (the common type of the `any`, `ordered` or `number` arguments), `first` (the first
argument's) or `either` (of `or`).
ROLE: `scalar`; `aggregate` (of many rows), `window` (of a row among others, in `window`) or `generator` (several
values of one row, in `explode`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, REAL, STRING

UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
FIXED_UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}  # in seconds
VALUED: Final = ("any", "ordered", "number", "numeric")  # kinds whose types make that of the result


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table."""

    name: str
    takes: tuple[str, ...]
    gives: str
    doc: str
    role: str = "scalar"

    @property
    def aggregate(self) -> bool:
        return self.role == "aggregate"

    @property
    def window(self) -> bool:
        return self.role == "window"

    @property
    def least(self) -> int:
        return len(self.takes) - sum(kind[-1] in "*?" for kind in self.takes)

    @property
    def most(self) -> int | None:
        """None: any number."""
        return None if self.takes and self.takes[-1][-1] in "+*" else len(self.takes)

    def kinds(self, count: int) -> Iterator[str]:
        """The kind of each of COUNT arguments."""
        for at in range(count):
            yield self.takes[min(at, len(self.takes) - 1)].rstrip("+*?")

    @property
    def usage(self) -> str:
        shown = (
            f"[{kind[:-1]}]" if kind[-1] == "?" else kind.replace("+", " …").replace("*", " …")
            for kind in self.takes
        )
        return "(" + " ".join([self.name, *shown]) + ")"


_SCALARS: tuple[tuple[str, str, str, str], ...] = (
    (
        "=",
        "any any+",
        BOOLEAN,
        "equal; values of different types are not; missing equals missing, NaN equals NaN",
    ),
    ("<", "ordered ordered+", BOOLEAN, "each less than the next; false where one is missing"),
    (">", "ordered ordered+", BOOLEAN, "each greater than the next"),
    ("<=", "ordered ordered+", BOOLEAN, "none greater than the next"),
    (">=", "ordered ordered+", BOOLEAN, "none less than the next"),
    ("and", "truth*", BOOLEAN, "all are true"),
    ("or", "any+", "either", "one is true; of values of one type, the first that is not missing"),
    ("not", "truth", BOOLEAN, "is false or missing"),
    ("if", "truth any any", "same", "the second where the first is true, else the third"),
    ("missing?", "any", BOOLEAN, "there is no value, or #f"),
    ("null?", "any", BOOLEAN, "there is no value; a stored #f is one, and what a condition gives always is"),
    ("member", "any values", BOOLEAN, "is among the values of a list"),
    ("+", "number number+", "same", "sum"),
    ("-", "number number*", "same", "difference, or the negative"),
    ("*", "number number+", "same", "product"),
    ("/", "number number+", REAL, "quotient, a real number; missing when divided by 0"),
    ("quotient", "integer integer", INTEGER, "whole quotient, towards 0; missing when divided by 0"),
    ("remainder", "integer integer", INTEGER, "what quotient leaves, with the sign of the dividend"),
    ("modulo", "integer integer", INTEGER, "what is left, with the sign of the divisor"),
    ("abs", "number", "same", "absolute value"),
    ("round", "number", "same", "nearest whole number, halves to even"),
    ("floor", "number", "same", "greatest whole number not above"),
    ("ceiling", "number", "same", "least whole number not below"),
    ("sqrt", "number", REAL, "square root; missing below 0"),
    ("log", "number", REAL, "natural logarithm; missing at and below 0"),
    ("exp", "number", REAL, "e to that power"),
    ("least", "ordered ordered+", "same", "the least that is not missing; (min a b) is this"),
    ("greatest", "ordered ordered+", "same", "the greatest that is not missing; (max a b) is this"),
    ("number", "string", REAL, "the number that a text spells, or missing"),
    ("contains?", "string string", BOOLEAN, "the first text has the second in it"),
    ("starts-with?", "string string", BOOLEAN, "the first text begins with the second"),
    ("ends-with?", "string string", BOOLEAN, "the first text ends with the second"),
    ("matches?", "string pattern", BOOLEAN, "a part of the text matches a regular expression (RE2)"),
    ("lower", "string", STRING, "in lower case"),
    ("upper", "string", STRING, "in upper case"),
    ("trim", "string", STRING, "without blanks and line ends around"),
    ("length", "string", INTEGER, "characters (code points)"),
    ("string-append", "string string+", STRING, "one after another; missing when one is"),
    ("substring", "string index index", STRING, "from the first place up to the second, counted from 0"),
    ("replace", "string string string", STRING, "with each occurrence of the second replaced by the third"),
    ("trim-left", "string", STRING, "without blanks and line ends before it"),
    ("trim-right", "string", STRING, "without blanks and line ends after it"),
    (
        "index-of",
        "string string",
        INTEGER,
        "where the second begins in the first, from 0; missing if nowhere",
    ),
    ("part", "string text index", STRING, "the piece of that number between separators, from 0, or missing"),
    ("word-count", "string", INTEGER, "runs of characters between blanks"),
    (
        "extract",
        "string pattern index?",
        STRING,
        "the first match, or the group of that number in it; or missing",
    ),
    (
        "replace-all",
        "string pattern text",
        STRING,
        "each match replaced by a text, in which \\1 is the first group",
    ),
    ("text", "integer", STRING, "a whole number in decimal digits"),
    ("json-get", "string step+", STRING, "what names and places lead to in a JSON text, as text"),
    (
        "json-has?",
        "string step+",
        BOOLEAN,
        "names and places lead to something in a JSON text, if only to null",
    ),
    ("json-length", "string step*", INTEGER, "elements of the JSON array there; missing if there is none"),
    (
        "json-type",
        "string step*",
        STRING,
        "object array string number boolean null; missing if there is nothing",
    ),
    (
        "year",
        "instant zone?",
        INTEGER,
        "of the instant's date in a time zone, UTC without one, as of all parts",
    ),
    ("quarter", "instant zone?", INTEGER, "1 to 4"),
    ("month", "instant zone?", INTEGER, "1 to 12"),
    ("day", "instant zone?", INTEGER, "1 to 31"),
    ("yearday", "instant zone?", INTEGER, "1 to 366"),
    ("hour", "instant zone?", INTEGER, "0 to 23"),
    ("minute", "instant zone?", INTEGER, "0 to 59"),
    ("second", "instant zone?", INTEGER, "0 to 59, without fractions"),
    ("weekday", "instant zone?", INTEGER, "1 Monday to 7 Sunday (ISO 8601)"),
    ("week", "instant zone?", INTEGER, "1 to 53 (ISO 8601)"),
    ("iso-year", "instant zone?", INTEGER, "the year that the ISO week belongs to"),
    ("iso-week", "instant zone?", STRING, 'year and ISO week, as "2024-W07"'),
    ("iso-date", "instant zone?", STRING, 'year, month and day, as "2024-02-29"'),
    ("epoch", "instant", REAL, "seconds since 1970"),
    (
        "bucket",
        "instant unit zone?",
        INSTANT,
        "when its day, week (from Monday), month, … began in a time zone",
    ),
    (
        "bin",
        "instant count fixed-unit",
        INSTANT,
        "when its stretch of so many units began, from Monday 2000-01-03",
    ),
    ("shift", "instant integer unit", INSTANT, "so many units later; at a shorter month's end, that end"),
    ("elapsed", "instant instant fixed-unit", REAL, "units from the first to the second"),
)

_AGGREGATES: tuple[tuple[str, str, str, str], ...] = (
    ("count", "truth*", INTEGER, "rows, or rows where that is there and not #f"),
    ("count-distinct", "any", INTEGER, "different values that are there"),
    ("sum", "numeric", "same", "0 where there is nothing"),
    ("mean", "numeric", REAL, "arithmetic mean of what is there; of a condition, its share"),
    ("min", "ordered", "same", "the least"),
    ("max", "ordered", "same", "the greatest"),
    ("median", "number", REAL, "the middle, between the two middle ones when they are even in number"),
    ("quantile", "number portion", REAL, "the value that this portion lies below, interpolated"),
    ("stddev", "number", REAL, "sample standard deviation; missing below two values"),
    (
        "arg-min",
        "any ordered",
        "first",
        "the first value in the row where the second is least; of several such rows, the least value",
    ),
    (
        "arg-max",
        "any ordered",
        "first",
        "the first value in the row where the second is greatest; of several such rows, the greatest value",
    ),
)

_WINDOWS: tuple[tuple[str, str, str, str], ...] = (
    ("row-number", "", INTEGER, "1, 2, … in the window's order"),
    ("rank", "", INTEGER, "one more than the rows that come before; equals share a rank"),
    ("dense-rank", "", INTEGER, "as rank, without gaps"),
    ("ntile", "count", INTEGER, "which of so many parts of nearly one size the row is in, from 1"),
    ("lag", "any index?", "same", "the value one row before, or so many"),
    ("lead", "any index?", "same", "the value one row after, or so many"),
    ("first", "any", "same", "the value in the first row of the frame"),
    ("last", "any", "same", "the value in the last row of the frame"),
)

_GENERATORS: tuple[tuple[str, str, str, str], ...] = (
    ("json-items", "string step*", STRING, "the elements of the JSON array there, as text; null is missing"),
    ("json-keys", "string step*", STRING, "the names of the members of the JSON object there"),
    ("parts", "string text", STRING, "the pieces between separators"),
    ("words", "string", STRING, "what stands between blanks"),
    ("matches", "string pattern", STRING, "each match of a regular expression (RE2)"),
)

OPERATORS: Final[dict[str, Operator]] = {
    name: Operator(name, tuple(takes.split()), gives, doc, role)
    for rows, role in (
        (_SCALARS, "scalar"),
        (_AGGREGATES, "aggregate"),
        (_WINDOWS, "window"),
        (_GENERATORS, "generator"),
    )
    for name, takes, gives, doc in rows
}

# What other languages call what is here under another name: a hint, for a few words that people bring along.
ELSEWHERE: Final[dict[str, str]] = {
    "descending": "(desc column)",
    "ascending": "a column alone is ascending",
    "like": '(contains? text "part"), (starts-with? …), (ends-with? …) or (matches? text "regular expression")',
    "ilike": '(contains? (lower text) "part")',
    "regex-match?": '(matches? text "regular expression")',
    "regexp-matches": '(matches? text "regular expression")',
    "regexp-matches?": '(matches? text "regular expression")',
    "regexp-search": '(matches? text "regular expression")',
    "split": '(part text "," 0), or in `explode` (parts text ",") or (words text)',
    "between": "(<= low value high)",
    "in": "(member value '(1 2 3))",
    "percentile": "(quantile number 0.9)",
    "avg": "(mean number)",
    "average": "(mean number)",
    "concat": "(string-append text text)",
    "substr": "(substring text 0 5), the end not included",
    "coalesce": "(or value default)",
    "ifnull": "(or value default)",
    "is-null": "(null? value)",
    "date-trunc": "(bucket timestamp 'week)",
    "in-zone": '(hour timestamp "Europe/Berlin"); other parts of a time take a zone alike',
    "json-ref": '(json-get text "key")',
    "number->string": "(text number), of a whole number",
    "string->number": "(number text)",
    "string-trim": "(trim text)",
    "string-prefix?": '(starts-with? text "part")',
    "string-suffix?": '(ends-with? text "part")',
    "string-contains": '(contains? text "part"), (index-of text "part")',
    "string-split": '(part text "," 0), or in `explode` (parts text ",")',
    "string-replace": '(replace text "part" "other")',
}
# Other names a person may know them by.
ALIASES: Final[dict[str, str]] = {
    "equal?": "=",
    "eqv?": "=",
    "eq?": "=",
    "string=?": "=",
    "in?": "member",
    "memv": "member",
    "memq": "member",
    "string-length": "length",
    "string-downcase": "lower",
    "string-upcase": "upper",
    "string-contains?": "contains?",
    "average": "mean",
    "argmin": "arg-min",
    "argmax": "arg-max",
    "min-by": "arg-min",
    "max-by": "arg-max",
}

# `(min a b)` of several values is no aggregate.
BY_COUNT: Final[dict[str, str]] = {"min": "least", "max": "greatest"}

# What the builder rewrites into the above.
DERIVED: Final = ("cond", "when", "unless", "let", "let*", "list", "quote")


def operator(name: str, count: int) -> Operator | None:
    """The row for NAME applied to COUNT arguments."""
    name = ALIASES.get(name, name)
    if count > 1 and name in BY_COUNT:
        name = BY_COUNT[name]
    return OPERATORS.get(name)


def is_operator(name: str) -> bool:
    return name in OPERATORS or name in ALIASES or name in DERIVED


def all_names() -> list[str]:
    return [*OPERATORS, *ALIASES, *DERIVED]
