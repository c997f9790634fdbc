"""Explanation: the traces of `repix.arithmetic` as tables, JSON and pictures that a person can follow."""

from repix.explanation.dilation import dilated
from repix.explanation.numbers import parse, parse_list
from repix.explanation.picture import picture
from repix.explanation.record import record
from repix.explanation.tables import show, table

__all__ = ["dilated", "parse", "parse_list", "picture", "record", "show", "table"]
