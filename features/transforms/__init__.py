"""Every registered transform, one file each; their interface and registry, and what several of them share."""
