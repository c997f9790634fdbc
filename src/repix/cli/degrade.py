"""`repix degrade NAME IN... -o OUT`: spoil a picture in a known way, to have something to mend."""

from repix.cli._member_command import family_group

VERB = family_group("degradations", "degrade", "Spoil pictures in a known way: noise, blur, shrinking, greying.")
