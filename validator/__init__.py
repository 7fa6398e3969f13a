"""Validate a language model's reply: find the code, lint it, resolve its pins, run it, judge it."""

__version__ = "0.1.0"
