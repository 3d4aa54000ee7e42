"""Hash tables as wholes: their keys and values, conversion, copies, unions."""

from __future__ import annotations

from typing import Any

from chorus.runtime.keyed import table_under
from chorus.runtime.limits import charge
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.lists import Elements
from chorus.runtime.values import UNSPECIFIED, HashTable, Pair, cons, make_list


@primitive("hash-keys", effects="pure", aliases=("hash-table-keys",))
def hash_keys(table: HashTable) -> Any:
    """TABLE's keys.

    > (hash-keys {:a 1 :b 2})
    => (:a :b)
    """
    return make_list(key for key, _ in table.items())


@primitive("hash-values", effects="pure", aliases=("hash-table-values",))
def hash_values(table: HashTable) -> Any:
    """TABLE's values, in the order of the keys.

    > (hash-values {:a 1 :b 2})
    => (1 2)
    """
    return make_list(value for _, value in table.items())


@primitive("hash->list", effects="pure", aliases=("hash-table->alist", "hash->alist"))
def hash_to_list(table: HashTable) -> Any:
    """TABLE's keys and values as pairs.

    > (hash->list {:a 1})
    => ((:a . 1))
    """
    return make_list(cons(key, value) for key, value in table.items())


@primitive("alist->hash-table", effects="pure", aliases=("alist->hash", "list->hash"))
def alist_to_hash_table(pairs: Elements, *options: Any) -> HashTable:
    """A table of PAIRS; of two equal keys the first one counts. OPTIONS as of make-hash-table.

    > (alist->hash-table '((a . 1) (b . 2) (a . 3)))
    => {a 1 b 2}
    """
    made = table_under(options)
    for each in pairs:
        if not isinstance(each, Pair):
            raise wrong_type("alist->hash-table", "every element", "a pair", each)
        if each.car not in made:
            made.set(each.car, each.cdr)
    return made


@primitive("hash-copy", effects="pure", aliases=("hash-table-copy",))
def hash_copy(table: HashTable, *options: Any) -> HashTable:
    """A new table of the same keys and values.

    > (hash-copy {:a 1})
    => {:a 1}
    """
    charge(len(table) >> 3, len(table) << 7)
    return table.copy()


@primitive("hash-table-empty-copy", effects="pure")
def hash_table_empty_copy(table: HashTable) -> HashTable:
    """An empty table that compares keys as TABLE does.

    > (hash-table-empty-copy {:a 1})
    => {}
    """
    return table.empty()


@primitive("%hash-procedures", effects="pure")
def hash_procedures(table: HashTable) -> Any:
    """The equality and the hash procedure that TABLE was made with; #f for one that it was not.

    > (map procedure? (%hash-procedures (make-hash-table string-ci=?)))
    => (#t #f)
    """
    return make_list([getattr(table, each, None) or False for each in ("equality", "hasher")])


@primitive("hash-clear!", effects="mutate", aliases=("hash-table-clear!",))
def hash_clear(table: HashTable) -> Any:
    """Take all keys out of TABLE.

    > (let ((t {:a 1})) (hash-clear! t) t)
    => {}
    """
    table.clear()
    return UNSPECIFIED


@primitive("hash-union", effects="pure", aliases=("hash-merge",))
def hash_union(*tables: HashTable) -> HashTable:
    """A new table of all keys in TABLES; of equal keys the last one counts.

    > (hash-union {:a 1 :b 1} {:b 2})
    => {:a 1 :b 2}
    """
    charge(sum(map(len, tables)) >> 3)
    made = tables[0].empty() if tables else HashTable()
    for table in tables:
        made.update(table)
    return made


@primitive("hash-table-union!", effects="mutate", aliases=("hash-table-merge!",))
def hash_table_union(table: HashTable, other: HashTable) -> HashTable:
    """Put into TABLE the keys of OTHER that it lacks, and return it.

    > (hash-table-union! {:a 1} {:a 2 :b 3})
    => {:a 1 :b 3}
    """
    for key, value in other.items():
        if key not in table:
            table.set(key, value)
    return table
