"""The page's pictures, a module each: plain values in, a drawing with its words and its numbers out."""
