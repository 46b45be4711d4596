"""The routes under /api/v1, one file a noun. Each translates between the wire and `Services`, and decides nothing."""
