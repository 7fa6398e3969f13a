"""Docker: engine, image, layers, workers."""
