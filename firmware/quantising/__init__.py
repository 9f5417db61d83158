"""Models of every origin to full-int8 .tflite: reading them, calibration, conversion."""
