"""A convolution along a line and the largest of all its positions: each word of weights for three of them."""
