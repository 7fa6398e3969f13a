"""One thin client a wire dialect."""
