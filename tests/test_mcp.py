"""Agents: the tools as the SDK's own client sees them, in a server process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

anyio = pytest.importorskip("anyio")
mcp = pytest.importorskip("mcp")
pytest.importorskip("mcp_types")

CHORUS = [sys.executable, "-m", "chorus.interpreter.faces.cli"]
Call = Callable[..., Awaitable[Any]]


def with_tools(workspace: Path, program: Callable[[Any, Call], Awaitable[None]], *options: str) -> None:
    """Run PROGRAM with a session of the SDK's client and `call(tool, argument=…)`."""
    words = [*CHORUS[1:], "serve", "--mcp", "--workspace", str(workspace), *options]

    async def main() -> None:
        server = mcp.StdioServerParameters(command=CHORUS[0], args=words)
        async with (
            mcp.stdio_client(server) as (incoming, outgoing),
            mcp.ClientSession(incoming, outgoing) as client,
        ):

            async def call(tool: str, **arguments: Any) -> Any:
                return await client.call_tool(tool, arguments)

            with anyio.fail_after(120):
                await client.initialize()
                await program(client, call)

    anyio.run(main)


def result(answer: Any) -> Any:
    assert not answer.is_error, answer.content
    return answer.structured_content["value"]


def error(answer: Any) -> dict[str, Any]:
    assert answer.is_error
    return answer.structured_content["error"]


def test_the_tools_say_what_is_there_and_answer(sample_workspace: Path) -> None:
    async def program(client: Any, call: Call) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == {"query", "schema", "explain", "describe", "apropos"}
        assert all(tool.annotations.read_only_hint for tool in tools)
        schema = result(await call("schema"))
        messages = next(table for table in schema["tables"] if table["name"] == "messages")
        assert messages["rows"] == 12 and {"name": "id", "type": "string"} in messages["columns"]
        assert result(await call("schema", form="(select (messages) id)")) == [
            {"name": "id", "type": "string"}
        ]
        assert result(await call("query", form="(count (messages))")) == {"result": 12}
        some = result(await call("query", form="(select (messages) id)", rows=3))
        assert len(some["result"]) == 3 and some["more"] is True
        every = result(await call("query", form="(select (messages) id)", rows=12))
        assert len(every["result"]) == 12 and every["more"] is False
        written = result(await call("query", form='(display "to people") 3'))
        assert written == {"result": 3, "output": "to people"}
        told = result(await call("explain", form='(where (select (messages) id) (= id "1"))'))
        assert told["rules"] == [{"rule": "push-where", "times": 1}] and "SELECT" in told["sql"]
        assert result(await call("describe", name="map"))["usage"] == "(map procedure items more …)"
        assert "pivot" in [each["name"] for each in result(await call("apropos", word="pivot"))]

    with_tools(sample_workspace, program)


def test_asking_changes_nothing_and_what_would_is_refused(sample_workspace: Path) -> None:
    async def program(client: Any, call: Call) -> None:
        for form in ("(checkpoint!)", "(persist!)", "(embed!)"):
            refused = error(await call("query", form=form))
            assert refused["code"] == "denied" and (refused["line"], refused["column"]) == (1, 1)
            assert "--allow workspace" in refused["hint"]
        for form, capability in (
            ('(ingest "more.json")', "ingest"),
            ('(delete-file "x")', "write"),
            ('(call-with-input-file "/etc/passwd" read-char)', "read"),
            ('(get-environment-variable "HOME")', "environment"),
        ):
            assert f"'{capability}'" in error(await call("query", form=form))["message"]
        asked = result(await call("query", form='(answer-turn (persona-inquiry \'everyone "Is it fair?"))'))
        assert asked == {"result": False}, "an answer that is not kept has no turn"
        assert result(await call("query", form="(count (turns))")) == {"result": 0}

    with_tools(sample_workspace, program)


def test_more_may_be_allowed(sample_workspace: Path) -> None:
    async def program(client: Any, call: Call) -> None:
        query = next(tool for tool in (await client.list_tools()).tools if tool.name == "query")
        assert not query.annotations.read_only_hint
        asked = result(await call("query", form='(answer-turn (persona-inquiry \'everyone "Is it fair?"))'))
        assert asked == {"result": 1}
        assert error(await call("query", form='(delete-file "x")'))["code"] == "denied"

    with_tools(sample_workspace, program, "--allow", "workspace")


def test_errors_are_typed_and_limits_hold(sample_workspace: Path) -> None:
    async def program(client: Any, call: Call) -> None:
        wrong = error(await call("query", form="\n  (car 5)"))
        assert (wrong["code"], wrong["line"], wrong["column"]) == ("type", 2, 3)
        assert error(await call("query", form="(car"))["hint"] == "add ) at the end"
        assert error(await call("query", form="(exit 3)"))["code"] == "exit"
        assert error(await call("explain", form="(count (messages))"))["line"] == 1
        for arguments in ({}, {"form": 3}, {"form": "1", "rows": 0}):
            assert error(await call("query", **arguments))["code"] == "request"
        with pytest.raises(mcp.MCPError, match="unknown tool"):
            await call("evaluate", form="1")
        for form in ("(expt 10 6000)", "(let loop ((n 0) (l 1)) (if (< n 5000) (loop (+ n 1) (list l)) l))"):
            large = await call("query", form=form)  # more than readers of JSON take: as text alone
            assert not large.is_error and large.structured_content is None and large.content[0].text
        over = error(await call("query", form="(let loop () (loop))"))
        assert (over["code"], over["kind"]) == ("limit", "seconds")
        assert result(await call("query", form="(* 6 7)")) == {"result": 42}

    with_tools(sample_workspace, program, "--limit-seconds", "2")


def test_a_request_that_is_taken_back_stops(sample_workspace: Path) -> None:
    async def program(client: Any, call: Call) -> None:
        await call("query", form="1")
        with anyio.move_on_after(1):
            await call("query", form="(let loop () (loop))")
        assert result(await call("query", form="(* 6 7)")) == {"result": 42}

    with_tools(sample_workspace, program)


def test_the_end_of_its_input_ends_it_and_it_writes_nothing_else() -> None:
    ended = subprocess.run([*CHORUS, "serve", "--mcp"], input="", capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (0, "")


@contextmanager
def over_http(workspace: Path, port: int = 0) -> Any:
    server = subprocess.Popen(
        [*CHORUS, "serve", "--mcp", "--port", str(port), "--workspace", str(workspace)],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stderr is not None
    try:
        yield server.stderr.readline().split()[-1]
    finally:
        server.kill()
        server.wait()
        server.stderr.close()


def test_a_client_over_http_goes_on_after_the_server_was_killed(sample_workspace: Path) -> None:
    async def ask(client: Any, form: str) -> Any:
        with anyio.fail_after(120):
            return result(await client.call_tool("query", {"form": form}))

    async def main() -> None:
        with over_http(sample_workspace) as address:
            client = mcp.Client(address)
            await client.__aenter__()
            assert await ask(client, "(count (messages))") == {"result": 12}
            with anyio.move_on_after(1):
                await ask(client, "(let loop () (loop))")
            assert await ask(client, "(+ 1 1)") == {"result": 2}
        with over_http(sample_workspace, int(address.split(":")[2].split("/")[0])) as again:
            assert again == address
            assert await ask(client, "(count (messages))") == {"result": 12}
            await client.__aexit__(None, None, None)

    anyio.run(main)


def test_nothing_of_the_protocol_is_loaded_by_a_program() -> None:
    look = "import sys; from chorus.interpreter.faces import cli; cli.main(['-e', '1']); print('mcp' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=120)
    assert ran.stdout == "1\nFalse\n"
