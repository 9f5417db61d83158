"""How bytes are moved: loops over steps, rows by words, and what is filled around them."""
