"""From a USB tap to a verified int8 classifier on an Arduino MKR Zero.

Data flows one way: ``zerotap.capture`` -> ``zerotap.features`` -> ``zerotap.models`` -> ``zerotap.firmware``.
Importing this package loads nothing heavy; each room's door loads what is asked of it.
"""

__version__ = "0.2.0"
