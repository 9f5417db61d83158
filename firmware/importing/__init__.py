"""Models that others made: every kind of file that `zerotap quantise` takes, as float graphs."""
