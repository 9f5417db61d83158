"""What runs on the board: kernels chosen under a budget, the arena, and what it costs, without a compiler."""
