"""Finding faces, following them from frame to frame, and cutting them out."""
