"""What to draw on a frame: a draw list in frame coordinates, and the painter for files."""
