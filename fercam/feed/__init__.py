"""What other programs can listen to; README.md beside this file documents the messages."""
