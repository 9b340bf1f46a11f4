"""The Model Context Protocol: boards and sessions as tools of an agent."""
