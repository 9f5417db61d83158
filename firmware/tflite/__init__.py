"""Model files: .tflite bytes to a Graph and back."""
