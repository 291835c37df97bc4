"""Drives `baton mcp` with the official client: tools, search, a run from start to an accepted change.

    mcp_client.py BATON ROOT legacy|auto

ROOT is the workspace that tests/it/mcp.rs makes. Ends with 0 if everything held. It does not look for speed.
"""

import asyncio
import os
import pathlib
import sys

import jsonschema
from mcp import Client, StdioServerParameters, stdio_client

TOOLS = [
    "diagnostics",
    "find_symbol",
    "get_context",
    "proposal_resolve",
    "proposal_show",
    "references",
    "run_cancel",
    "run_resume",
    "run_start",
    "run_status",
    "search_code",
    "verify_patch",
]

WRONG = "    return width + height\n"
RIGHT = "    return width * height\n"


async def main(baton: str, root: pathlib.Path, mode: str) -> None:
    # The client hands only a few variables on by itself, and the tests' own folders are named by others.
    server = StdioServerParameters(
        command=baton, args=["--root", str(root), "mcp"], env=dict(os.environ)
    )
    async with Client(stdio_client(server), mode=mode) as client:
        revision = {"legacy": "2025-11-25", "auto": "2026-07-28"}[mode]
        assert client.protocol_version == revision, client.protocol_version
        assert client.server_info.name == "baton", client.server_info
        await check_tools(client)
        await check_search(client)
        await check_refusals(client)
        await check_run(client, root / "shapes.py")


async def check_tools(client: Client) -> None:
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == TOOLS, tools
    for tool in tools:
        assert tool.description and tool.annotations and tool.annotations.title, tool
        for schema in (tool.input_schema, tool.output_schema):
            assert schema and schema["type"] == "object", (tool.name, schema)
            jsonschema.Draft202012Validator.check_schema(schema)


async def check_search(client: Client) -> None:
    named = await call(client, "find_symbol", {"name": "area"})
    assert [symbol["path"] for symbol in named["symbols"]][:1] == ["shapes.py"], named
    context = await call(client, "get_context", {"request": "the area of a shape"})
    assert any(part["path"] == "shapes.py" for part in context["parts"]), context
    found = await call(client, "search_code", {"query": "area"})
    assert any(
        hit["path"] == "shapes.py" and WRONG in hit["text"] + "\n"
        for hit in found["hits"]
    ), found


async def check_refusals(client: Client) -> None:
    """What a model does wrong comes back as an answer that it can read."""
    for tool, arguments, told in [
        ("search_code", {}, "missing field `query`"),
        ("search_code", {"query": "x", "colour": "red"}, "unknown field `colour`"),
        ("run_status", {"run": "nothing"}, "there is no run `nothing`"),
        ("run_start", {"workflow": "fix", "file": "../x"}, "`file`: "),
    ]:
        result = await client.call_tool(tool, arguments)
        assert result.is_error and told in result.content[0].text, (tool, result)


async def check_run(client: Client, file: pathlib.Path) -> None:
    before = file.read_text()
    assert WRONG in before
    run = await call(client, "run_start", {"workflow": "fix", "tests": ["test_area"]})
    name, cursor = run["run"], run["cursor"]

    steps: list[str] = []

    async def on_progress(done: float, total: float | None, message: str | None) -> None:
        assert total is None and done == len(steps) + 1 and message, (done, total)
        steps.append(message)

    while run["state"] == "running":
        arguments = {"run": name, "cursor": cursor}
        run = await call(client, "run_status", arguments, on_progress)
        cursor = run["cursor"]
        steps.clear() if run["state"] == "running" else None
    assert run["state"] == "waiting" and run["question"], run
    assert any("verify" in step for step in steps), steps

    shown = await call(client, "proposal_show", {"run": name})
    assert shown["fixed_tests"] == ["test_shapes.py::test_area"], shown
    assert "-" + WRONG in shown["diff"] and "+" + RIGHT in shown["diff"], shown
    assert file.read_text() == before, "nothing moves before it is accepted"

    decision = {
        "run": name,
        "question": shown["question"]["id"],
        "decision": "accept",
        "hunks": [hunk["id"] for hunk in shown["hunks"]],
    }
    end = await call(client, "proposal_resolve", decision)
    assert end["outcome"]["outcome"] == "delivered", end
    assert file.read_text() == before.replace(WRONG, RIGHT)
    again = await client.call_tool("proposal_resolve", decision)
    assert again.is_error, again


async def call(client: Client, tool: str, arguments: dict, progress=None) -> dict:
    """The structured content, which the client has checked against the tool's schema."""
    result = await client.call_tool(tool, arguments, progress_callback=progress)
    assert not result.is_error, (tool, result)
    assert result.content[0].text, (tool, result)
    return result.structured_content


if __name__ == "__main__":
    asyncio.run(
        asyncio.wait_for(
            main(sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]), timeout=100
        )
    )
