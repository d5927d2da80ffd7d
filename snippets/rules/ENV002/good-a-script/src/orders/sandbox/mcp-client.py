import os

print(os.environ["MCP_COMMAND"])
