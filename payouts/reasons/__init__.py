"""Why somebody got this amount, down to the work behind it."""
