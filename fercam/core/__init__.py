"""Values and small tools that every other room shares: standard library and numpy only."""
