"""What the board waits for its flash, by the cost model, and which code runs from RAM to avoid it."""
