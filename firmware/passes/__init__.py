"""Graph to graph: what a plan leaves out, narrower weights, ends that a file has but the board does not."""
