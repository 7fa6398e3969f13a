"""What ruff and pyright say of a program."""
