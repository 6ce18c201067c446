"""The stages wired together: live with threads, and frame by frame for files and stills."""
