"""Graph and stages to C sources."""
