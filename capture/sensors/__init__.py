"""The bytes of a sensor's serial port, turned into samples: binary frames, lines of numbers, their pace."""
