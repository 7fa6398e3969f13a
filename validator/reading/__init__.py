"""From the text of a reply to the program in it."""
