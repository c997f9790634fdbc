"""Explanation: the traces of `repix.arithmetic` as tables, JSON and pictures that a person can follow."""
