"""The page's parts: reports and evidence in, sections out."""
