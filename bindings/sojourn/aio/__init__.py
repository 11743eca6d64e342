"""The binding for asyncio."""
