"""A verb whose commands are the members of a family: listing them loads neither the members nor numpy."""

from functools import partial
from typing import Any

from repix import members
from repix.cli._app import Listed, group


def family_group(family: str, verb: str, help_text: str, others: dict[str, Any] | None = None) -> Any:
    """`repix VERB NAME IN... -o OUT`: one command for each member, made when it is asked for, and other commands."""
    listed = {
        name: Listed(partial(members.summary, family, name), partial(_member, family, name))
        for name in members.names(family)
    }
    return group(verb, help_text, dict(sorted((listed | (others or {})).items())))


def _member(family: str, name: str) -> Any:
    from repix.cli._member_command import member_command

    return member_command(family, name)
