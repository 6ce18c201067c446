"""From face crops to probabilities: runtimes, model bundles, smoothing over time."""
