"""A server of tools made with the official SDK: over standard input and output, or with a port over HTTP on this machine."""

import sys

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

server = MCPServer("notes", version="1.2")


@server.tool(annotations=ToolAnnotations(readOnlyHint=True))
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def fail(why: str) -> str:
    """Fails."""
    raise ToolError(why)


@server.tool()
async def slow(seconds: float, ctx: Context) -> str:
    """Says how far it is."""
    for step in range(4):
        await ctx.report_progress(step, 4, f"step {step}")
        await anyio.sleep(seconds / 4)
    return "done"


if len(sys.argv) > 1:
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
else:
    server.run("stdio")
