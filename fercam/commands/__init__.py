"""What each command does: call the rooms that do the work, and print what came of it.

Every command takes the parsed arguments and returns the exit status.
"""
