"""Evidence: what a comparison shows beside its scores, recording by recording and window by window."""
