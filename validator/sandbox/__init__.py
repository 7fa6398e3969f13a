"""Where a program runs, and how it is driven."""
