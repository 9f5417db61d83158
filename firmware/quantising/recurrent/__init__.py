"""Recurrent models of Keras as float .tflite files: LSTM as one operator, other cells step by step."""
