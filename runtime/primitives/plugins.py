"""What is known of the plug-ins that are installed."""

from __future__ import annotations

from typing import Any

from chorus.runtime.primitive import primitive
from chorus.runtime.values import HashTable, Keyword, Symbol, make_list


@primitive("plugins", effects="environment")
def plugins() -> Any:
    """The plug-ins that are installed, as hash tables: :name :package :version, the :names that each brings, and the
    :problem if they are missing.

    > (list? (plugins))
    => #t
    """
    from chorus.runtime.plugins import plugins as installed

    rows = [
        {
            "name": each.name,
            "package": each.package,
            "version": each.version,
            "names": make_list(Symbol(name) for name, _ in each.entries),
            "problem": each.problem or False,
        }
        for each in installed()
    ]
    return make_list(HashTable((Keyword(key), value) for key, value in row.items()) for row in rows)
