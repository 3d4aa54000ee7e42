"""A language model behind an OpenAI-compatible address."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence

from chorus.runtime.errors import EvalError
from chorus.runtime.generate.prompt import Quote, messages

KEY_VARIABLE = "CHORUS_GENERATOR_KEY"  # sent as a bearer token when set, never printed
LONGEST_REPLY = 1_000_000  # bytes


def generate(
    address: str,
    question: str,
    quotes: Sequence[Quote],
    sentences: int,
    *,
    model: str = "default",
    tokens: int = 200,
    seconds: float = 60.0,
) -> str:
    """What the service at ADDRESS (…/v1) writes to QUESTION given QUOTES, at temperature 0."""
    if not address.startswith(("http://", "https://")):
        raise EvalError(
            f"{address} is no address of a generator", hint='it starts with "http://" or "https://"'
        )
    body = {
        "model": model,
        "messages": messages(question, quotes, sentences),
        "temperature": 0,
        "max_tokens": tokens,
    }
    headers = {"Content-Type": "application/json"}
    if os.environ.get(KEY_VARIABLE):
        headers["Authorization"] = f"Bearer {os.environ[KEY_VARIABLE]}"
    target = address.rstrip("/")
    target += "" if target.endswith("/chat/completions") else "/chat/completions"
    request = urllib.request.Request(target, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as reply:
            answer = json.loads(reply.read(LONGEST_REPLY))
        return str(answer["choices"][0]["message"]["content"] or "")
    except (urllib.error.URLError, TimeoutError, OSError) as problem:
        raise EvalError(f"the generator at {address} does not answer: {problem}") from problem
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        raise EvalError(
            f"the generator at {address} answered in another form than chat completions"
        ) from problem
