from .keyboard import decode_text as decode_text
from .keyboard import is_keyboard as is_keyboard
from .keyboard import press_events as press_events
from .keyboard import raw_text as raw_text
from .windows import Windows as Windows
