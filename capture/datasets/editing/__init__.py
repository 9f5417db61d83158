"""What changes in a dataset afterwards: labels, and what is taken out of it."""
