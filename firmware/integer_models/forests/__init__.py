"""The forms of a forest in C: levels or words of full trees, a table of nodes, branches; and their costs.

The board runs assembly, made of constants in a NAME_forest.S and of texts in runtime/; everything else runs C
that reads the same tables.
"""
