"""Training as the app sees it: configuration, events and the child process. No TensorFlow here."""
