"""The child process that trains, evaluates and exports: the only room that knows Keras."""
