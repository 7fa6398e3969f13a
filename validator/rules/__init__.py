"""From facts to findings; pure."""
