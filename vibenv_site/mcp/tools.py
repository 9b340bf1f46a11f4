"""All tools and resources: importing this has them added to the server, in this order."""

# ruff: noqa: F401, I001  (agents read the list from its top)

from vibenv_site.mcp import board_tools
from vibenv_site.mcp import session_tools
from vibenv_site.mcp import terminal_tools
from vibenv_site.mcp import file_tools
from vibenv_site.mcp import ask_tools
from vibenv_site.mcp import api_tool
from vibenv_site.mcp import resources
