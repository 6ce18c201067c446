"""Who is who over time: identity, names, each person's resting face."""
