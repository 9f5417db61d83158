"""Which recordings train and which test, by the rule that was chosen."""
