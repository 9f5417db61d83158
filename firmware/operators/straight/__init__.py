"""Layers in straight line: text generated for their weights, each an immediate of an instruction."""
