"""Symbols and keywords."""

from __future__ import annotations

from itertools import count, pairwise
from typing import Any

from chorus.runtime.primitive import Name, primitive
from chorus.runtime.values import Keyword, Symbol


@primitive("symbol?", effects="pure", checked=False)
def is_symbol(value: Any) -> bool:
    """Whether VALUE is a symbol.

    > (symbol? 'a)
    => #t
    > (symbol? :a)
    => #f
    """
    return value.__class__ is Symbol


@primitive("keyword?", effects="pure", checked=False)
def is_keyword(value: Any) -> bool:
    """Whether VALUE is a keyword.

    > (keyword? :a)
    => #t
    """
    return value.__class__ is Keyword


@primitive("symbol->string", effects="pure")
def symbol_to_string(symbol: Symbol) -> str:
    """SYMBOL's name.

    > (symbol->string 'abc)
    => "abc"
    """
    return symbol.name


@primitive("string->symbol", effects="pure", aliases=("intern",))
def string_to_symbol(name: str) -> Symbol:
    """The symbol called NAME.

    > (string->symbol "a b")
    => |a b|
    """
    return Symbol(name)


@primitive("symbol-append", effects="pure")
def symbol_append(*symbols: Symbol) -> Symbol:
    """The symbol whose name is that of all SYMBOLS together.

    > (symbol-append 'a 'b)
    => ab
    """
    return Symbol("".join(each.name for each in symbols))


@primitive("symbol=?", effects="pure")
def same_symbols(first: Symbol, *others: Symbol) -> bool:
    """Whether all are the same symbol.

    > (symbol=? 'a 'a 'b)
    => #f
    """
    return all(each is first for each in others)


@primitive("symbol<?", effects="pure")
def symbol_less(first: Symbol, *others: Symbol) -> bool:
    """Whether the names are in growing order.

    > (symbol<? 'a 'b)
    => #t
    """
    names = [each.name for each in (first, *others)]
    return all(a < b for a, b in pairwise(names))


_numbers = count(1)


@primitive("gensym", effects="pure", aliases=("generate-symbol",))
def gensym(prefix: Name | None = None) -> Symbol:
    """A symbol that is no other, whatever that one's name: not even one that is written the same.

    > (eq? (gensym) (gensym))
    => #f
    """
    fresh = object.__new__(Symbol)
    fresh.name = f"{prefix or 'g'}{next(_numbers)}"
    return fresh


@primitive("keyword->symbol", effects="pure")
def keyword_to_symbol(keyword: Keyword) -> Symbol:
    """The symbol of KEYWORD's name.

    > (keyword->symbol :a)
    => a
    """
    return Symbol(keyword.name)


@primitive("symbol->keyword", effects="pure")
def symbol_to_keyword(symbol: Symbol) -> Keyword:
    """The keyword of SYMBOL's name.

    > (symbol->keyword 'a)
    => :a
    """
    return Keyword(symbol.name)


@primitive("keyword->string", effects="pure")
def keyword_to_string(keyword: Keyword) -> str:
    """KEYWORD's name, without the colon.

    > (keyword->string :a)
    => "a"
    """
    return keyword.name


@primitive("string->keyword", effects="pure")
def string_to_keyword(name: str) -> Keyword:
    """The keyword called NAME.

    > (string->keyword "a")
    => :a
    """
    return Keyword(name)
