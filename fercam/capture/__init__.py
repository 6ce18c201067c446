"""Where frames come from: cameras, streams, files, pictures and the built-in demo."""
