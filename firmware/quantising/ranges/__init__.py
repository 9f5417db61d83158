"""Ranges of layers beyond what TensorFlow measures: percentiles, and places that it leaves out."""
