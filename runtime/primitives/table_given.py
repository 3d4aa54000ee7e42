"""Tables from what is no store: lists of rows, texts in CSV or JSON, standard input."""

from __future__ import annotations

from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.ports import StandardInput, TextInput
from chorus.runtime.primitive import Items, Name, primitive, wrong_type
from chorus.runtime.primitives.ports import given
from chorus.runtime.table import Table
from chorus.runtime.values import HashTable


@primitive("rows->table", effects="pure")
def rows_to_table(ctx: Context, rows: Items, *, like: HashTable | None = None) -> Table:
    """A table of ROWS, hash tables under keywords or names; what a row lacks is missing, a list becomes its JSON text.
    With :like, a row that is none of them, its columns come first, with its types: also when there are no rows.

    > (table->rows (rows->table '({:a 1 :b "x"} {:a 2.5})))
    => ((1.0 "x") (2.5 #f))
    > (table-columns (rows->table '() :like {:a 1 :b "x"}))
    => (a b)
    """
    from chorus.runtime.table_given import table_of_records

    for row in rows:
        if not isinstance(row, HashTable):
            raise wrong_type("rows->table", "rows", "a list of hash tables", row)
    return table_of_records(rows, ctx, like)


@primitive("text->table", effects="pure")
def text_to_table(ctx: Context, text: str, form: Name, *, like: HashTable | None = None) -> Table:
    """The rows of TEXT as a table; FORM is csv, json (a list of objects), jsonl (an object a line) or lines (a column
    `line`).

    CSV is separated by commas, semicolons, tabs or bars, as its first line is. A column with a number such as 007, or
    of 17 digits and more, holds names: it stays text. An empty cell is missing, a quoted one an empty text. :like, a
    row of examples, tells columns and types of JSON, also where there are no rows.

    > (table->rows (text->table "a;b\\n1;x\\n2;\\n3;\\"\\"\\n" 'csv))
    => ((1 "x") (2 #f) (3 ""))
    > (table->rows (text->table "id,n\\n1096365620465838045,3\\n" 'csv))
    => (("1096365620465838045" 3))
    > (table->rows (text->table "one\\ntwo\\n" 'lines))
    => (("one") ("two"))
    > (count (text->table "" 'jsonl :like {:kind "" :n 0}))
    => 0
    """
    from chorus.runtime.table_read import read_rows

    ctx.charge(len(text) >> 3, len(text))
    return read_rows(text.encode("utf-8", "replace"), form, ctx, like)


@primitive("stdin", effects="mutate")
def stdin(ctx: Context, form: Name, *, like: HashTable | None = None) -> Table:
    """The rows of standard input, or of the current input port, as a table; FORM is csv, json, jsonl or lines, see
    `text->table`, or arrow. They come once: give the table a name to use it twice.

    > (with-input-from-string "{\\"a\\": 1}\\n{\\"a\\": 2}\\n" (lambda () (count (stdin 'jsonl))))
    => 2
    """
    from chorus.runtime.table_read import read_rows

    port: Any = given(ctx, None, "current-input-port", TextInput, "stdin")
    port.as_bytes()
    already = port.begun
    parts = [port.text[port.position :]]
    port.advance(len(port.text))
    while port.more():
        line = port.text[port.position :]
        ctx.charge(1, len(line))
        parts.append(line)
        port.advance(len(port.text))
    data = "".join(parts).encode("utf-8", "surrogateescape")
    standard = isinstance(port, StandardInput)
    if not data and already:
        raise EvalError(
            f"{'standard input' if standard else 'the input port'} was read to its end before",
            code="table-value",
            hint=f"rows come once; give them a name: (define rows (stdin :{form}))",
        )
    if not data and standard and ctx.arguments[:1] == ["-"]:
        raise EvalError(
            "the program itself came from standard input, so no rows do",
            code="table-value",
            hint="chorus -e PROGRAM, or chorus FILE.sexp, leaves standard input for rows",
        )
    return read_rows(data, form, ctx, like)
