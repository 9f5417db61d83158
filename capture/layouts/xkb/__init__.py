"""Layouts of xkeyboard-config (its licence: NOTICE), as docs/making/layouts_from_xkb.py writes them."""
