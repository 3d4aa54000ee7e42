"""The generators of an answer's text: extractive, a local language model, a remote one."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive


@primitive("set-generator!", effects="environment")
def set_generator(ctx: Any, generator: Name) -> str:
    """How answers are phrased from their evidence: extractive, a folder with a language model, or an address
    "http://…".

    A model's sentence is kept only where a cited span bears it out. A folder needs the capability `read`, an
    address `net`.

    > (set-generator! 'extractive)
    => "extractive"
    """
    if not generator.strip():
        raise EvalError("the generator is 'extractive, a folder or an address")
    ctx.options["generator"] = generator
    return generator


@primitive("generator", effects="pure")
def generator(ctx: Any) -> str:
    """The session's generator, see set-generator!.

    > (begin (set-generator! 'extractive) (generator))
    => "extractive"
    """
    return ctx.options.get("generator", "extractive")


@primitive("%generate-local", effects="read-file compute")
def generate_local(ctx: Any, path: str, question: str, quotes: Items, sentences: int = 4) -> str:
    """What the language model in folder PATH writes to QUESTION from QUOTES, lists (message-id span).

    > (guard (e (#t 'no-model)) (%generate-local "no-such-folder" "Why?" '()))
    => no-model
    """
    from chorus.runtime.generate.local import generate

    return generate(path, question, _quotes(quotes), sentences)


@primitive("%generate-remote", effects="net")
def generate_remote(ctx: Any, address: str, question: str, quotes: Items, sentences: int = 4) -> str:
    """What the OpenAI-compatible service at ADDRESS writes to QUESTION from QUOTES, lists (message-id span).

    > (guard (e (#t 'no-service)) (%generate-remote "nowhere" "Why?" '()))
    => no-service
    """
    from chorus.runtime.generate.remote import generate

    return generate(address, question, _quotes(quotes), sentences)


def _quotes(items: list[Any]) -> list[Any]:
    from chorus.runtime.generate.prompt import Quote

    return [Quote(*map(str, item)) for item in items]
