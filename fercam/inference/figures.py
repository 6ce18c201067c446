"""What was measured of a model, as its card and its run keep it."""

from collections.abc import Mapping
from typing import Any


def headline(metrics: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the figures by which a model is judged: those of the test part without copies of
    training pictures where there are any, else of the test part; None without one.
    """
    test = metrics.get("test")
    return test.get("without_copies_of_training", test) if test else None
