"""Windows whose layers run while items arrive: which layers, how their rows are paced, what it costs."""
