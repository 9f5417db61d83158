"""The forms of a forest in C: levels of full trees, a table of nodes, branches; and what each costs.

The board runs assembly, made of constants in a NAME_forest.S and of texts in runtime/; everything else runs C
that reads the same tables.
"""
