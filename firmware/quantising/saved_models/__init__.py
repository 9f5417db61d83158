"""SavedModels to float .tflite: by TensorFlow 2's loader, or by their graph; their signatures."""
