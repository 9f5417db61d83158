"""Layers that run while a window arrives, as C: NAME_stream.c between the stages and the model's tail."""

from .stream_files import StreamCode as StreamCode
from .stream_files import generate_stream as generate_stream
