"""Whose bits are right: TensorFlow's reference kernels, or TensorFlow Lite Micro's."""
