"""From a report to text, one function a format."""
