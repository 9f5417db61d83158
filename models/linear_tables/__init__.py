"""Fitting linear tables: word counts to columns of weights, choices by folds, integers, decoys."""
