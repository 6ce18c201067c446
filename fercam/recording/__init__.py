"""Writing a session: video, table and description, each safe against a crash."""
