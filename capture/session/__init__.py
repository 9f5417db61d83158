"""One recording as it is made: the session, its reader thread, the keys that label it, the terminal."""
