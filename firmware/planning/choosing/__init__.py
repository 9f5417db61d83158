"""Which of its kernels each layer gets: prices, the search, and what a budget's next kilobyte buys."""
