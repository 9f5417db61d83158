"""Linux's usbmon: its binary header, frames of it, and its text."""
