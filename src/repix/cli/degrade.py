"""Spoil pictures in a known way: noise, blur, shrinking, greying, edges."""

from repix.cli._member_command import family_group

VERB = family_group("degradations", "degrade", "Spoil pictures in a known way: noise, blur, shrinking, greying, edges.")
