"""What an assistant may ask, over the Model Context Protocol: `aggregator mcp`. No other room imports it."""
