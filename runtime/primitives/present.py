"""Tables as text for people: what `show` prints of them."""

from __future__ import annotations

from typing import Any

from chorus.runtime.primitive import primitive


@primitive("%table-text", effects="read-table")
def table_text(table: Any) -> Any:
    """The head of TABLE, a table or a list of records, as lines with its columns' types; #f for anything else.

    > (%table-text 5)
    => #f
    """
    from chorus.runtime.table_format import formatted, is_tabular

    return formatted(table, "table", max_rows=50).rstrip("\n") if is_tabular(table) else False
