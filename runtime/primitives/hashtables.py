"""Hash tables by the names of SRFI 69 and 125 and shorter ones; `get` for anything with parts.

Keys are compared by equal?, or otherwise (`runtime.keyed`); order is that of insertion. What takes a procedure
(hash-table-update!, hash-table-walk …) is in the stdlib.
"""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.keyed import KeyedTable, by_identity, table_under
from chorus.runtime.primitive import REJECT, primitive, wrong_type
from chorus.runtime.printer import brief
from chorus.runtime.values import (
    UNSPECIFIED,
    HashTable,
    Keyword,
    MutableString,
    Record,
    Symbol,
    hash_key,
    is_procedure,
    list_items,
)

MISSING: Any = REJECT


def no_key(caller: str, table: HashTable, key: Any) -> EvalError:
    known = [brief(each, 20) for each, _ in table.items()[:6]]
    more = " …" if len(table) > 6 else ""
    hint = (
        f"it has {' '.join(known)}{more}; (hash-ref table key default) gives a default"
        if known
        else "it is empty"
    )
    return EvalError(f"{caller}: no key {brief(key)}", code="key", hint=hint, irritants=(key,))


def pairs_of(caller: str, items: tuple[Any, ...] | list[Any]) -> list[tuple[Any, Any]]:
    if len(items) % 2:
        raise EvalError(f"{caller}: the key {brief(items[-1])} has no value", irritants=(items[-1],))
    return list(zip(items[::2], items[1::2], strict=True))


@primitive(
    "make-hash-table",
    effects="pure",
    checked=False,
    aliases=("make-equal-hash-table", "make-string-hash-table"),
)
def make_hash_table(*options: Any) -> HashTable:
    """An empty table. OPTIONS: a comparator, or an equality and a hash procedure that goes with it; `equal?` if none.

    > (make-hash-table)
    => {}
    > (let ((t (make-hash-table string-ci=?))) (hash-set! t "A" 1) (hash-ref t "a"))
    => 1
    """
    return table_under(options) if options else HashTable()


@primitive("make-eqv-hash-table", effects="pure", checked=False, aliases=("make-eq-hash-table",))
def make_eqv_hash_table(*options: Any) -> HashTable:
    """An empty table whose keys are the same if they are so to `eqv?`.

    > (let ((t (make-eqv-hash-table)) (key (list 1))) (hash-set! t key 2) (hash-ref t (list 1) 'none))
    => none
    """
    return KeyedTable(by_identity, False)


@primitive("hash-table", effects="pure", checked=False)
def hash_table(*items: Any) -> HashTable:
    """A table of keys and values in turn, as `{key value …}`; before them may stand a comparator or an equality.

    > (hash-table :a 1 "b" 2)
    => {:a 1 "b" 2}
    """
    if len(items) % 2 == 0 or not (is_procedure(items[0]) or items[0].__class__ is Record):
        return HashTable(pairs_of("hash-table", items))
    made = table_under(items[:1])
    for key, value in pairs_of("hash-table", items[1:]):
        made.set(key, value)
    return made


@primitive("hash-table?", effects="pure", checked=False)
def is_hash_table(value: Any) -> bool:
    """Whether VALUE is a hash table.

    > (hash-table? {})
    => #t
    """
    return isinstance(value, HashTable)


@primitive("hash-ref", effects="pure", checked=False, aliases=("hash-table-ref/default",))
def hash_ref(table: Any, key: Any, default: Any = MISSING) -> Any:
    """The value of KEY in TABLE, or DEFAULT; without one, a missing key is an error.

    > (hash-ref {:a 1} :a)
    => 1
    > (hash-ref {:a 1} :b 'none)
    => none
    """
    if table.__class__ is HashTable:
        kind = key.__class__
        found = table.values.get(key if kind is Keyword or kind is str else hash_key(key), default)
    elif isinstance(table, HashTable):
        found = table.get(key, default)
    else:
        raise wrong_type("hash-ref", "table", "a hash table", table)
    if found is MISSING:
        raise no_key("hash-ref", table, key)
    return found


@primitive("%hash-value", effects="pure", checked=False)
def hash_value(table: Any, key: Any, caller: Any, default: Any = MISSING) -> Any:
    """hash-ref on behalf of the procedure CALLER, whose name its errors bear.

    > (%hash-value {:a 1} :b 'hash-update! 0)
    => 0
    """
    if table.__class__ is HashTable:
        found = table.values.get(hash_key(key), default)
    elif isinstance(table, HashTable):
        found = table.get(key, default)
    else:
        raise wrong_type(caller.name, "table", "a hash table", table)
    if found is MISSING:
        raise no_key(caller.name, table, key)
    return found


@primitive("hash-set!", effects="mutate", checked=False)
def hash_set(table: Any, key: Any, value: Any) -> Any:
    """Make VALUE that of KEY in TABLE.

    > (let ((t {})) (hash-set! t :a 1) t)
    => {:a 1}
    """
    if not isinstance(table, HashTable):
        raise wrong_type("hash-set!", "table", "a hash table", table)
    table.set(key, value)
    return UNSPECIFIED


@primitive("hash-table-set!", effects="mutate", checked=False)
def hash_table_set(table: Any, *items: Any) -> Any:
    """Put keys and values, given in turn, into TABLE.

    > (let ((t {})) (hash-table-set! t :a 1 :b 2) t)
    => {:a 1 :b 2}
    """
    if not isinstance(table, HashTable):
        raise wrong_type("hash-table-set!", "table", "a hash table", table)
    for key, value in [items] if len(items) == 2 else pairs_of("hash-table-set!", items):
        table.set(key, value)
    return UNSPECIFIED


@primitive("hash-delete!", effects="mutate", aliases=("hash-remove!", "hash-table-delete!"))
def hash_delete(table: HashTable, *keys: Any) -> int:
    """Take KEYS out of TABLE; how many were there.

    > (hash-delete! {:a 1} :a :b)
    => 1
    """
    return sum(table.delete(key) for key in keys)


@primitive(
    "hash-has-key?", effects="pure", aliases=("hash-contains?", "hash-table-contains?", "hash-table-exists?")
)
def hash_has_key(table: HashTable, key: Any) -> bool:
    """Whether TABLE has KEY.

    > (hash-has-key? {:a #f} :a)
    => #t
    """
    return key in table


@primitive("hash-count", effects="pure", aliases=("hash-table-size", "hash-length"))
def hash_count(table: HashTable) -> int:
    """How many keys TABLE has.

    > (hash-count {:a 1 :b 2})
    => 2
    """
    return len(table)


@primitive("hash-empty?", effects="pure", aliases=("hash-table-empty?",))
def is_hash_empty(table: HashTable) -> bool:
    """Whether TABLE has no keys.

    > (hash-empty? {})
    => #t
    """
    return not len(table)


@primitive("hash-code", effects="pure", aliases=("hash", "equal-hash"))
def hash_code(value: Any) -> int:
    """A number that is the same for values that are equal?; it differs from run to run.

    > (= (hash-code '(1 2)) (hash-code (list 1 2)))
    => #t
    """
    return hash(hash_key(value)) & 0x3FFFFFFFFFFFFFFF


@primitive("get", effects="pure", checked=False)
def get(whole: Any, key: Any, default: Any = False) -> Any:
    """The part of WHOLE called KEY: a table's value, a record's field, an element by its index; else DEFAULT.

    A table without the keyword KEY is asked for the string, then the symbol, of that name.

    > (get {:a 1} :a)
    => 1
    > (get (json->value "{\\"a\\": [1, 2]}") :a)
    => (1 2)
    > (get '(x y) 1)
    => y
    > (get {:a 1} :b 'none)
    => none
    """
    if whole.__class__ is KeyedTable:
        return whole.get(key, default)
    if whole.__class__ is HashTable:
        return from_table(whole, key, default)
    if whole.__class__ is Record:
        if key.__class__ not in (Keyword, Symbol, str, MutableString):
            raise wrong_type("get", "key", "a field's name", key)
        name = key.name if key.__class__ in (Keyword, Symbol) else str(key)
        return whole.get(name) if name in whole.type.positions else default
    items = whole if isinstance(whole, list) else list_items(whole)
    if items is None:
        raise wrong_type("get", "whole", "a hash table, a record, a list or a vector", whole)
    if key.__class__ is not int:
        raise wrong_type("get", "key", "an exact integer (an index)", key)
    return items[key] if 0 <= key < len(items) else default


def from_table(table: HashTable, key: Any, default: Any) -> Any:
    values = table.values
    names = (key, key.name, Symbol(key.name)) if key.__class__ is Keyword else (hash_key(key),)
    return next((values[each] for each in names if each in values), default)
