"""Options that mean nothing beside another argument are refused, not passed over."""

from __future__ import annotations

from collections.abc import Container

import click
from click.core import ParameterSource


def refuse_beside(other: str, parameters: Container[str], why: str) -> None:
    """Refuse the options of the command at work that were given and have these names of parameters.

    `other`: what they stand beside, `why` they can't, in words for a user.

    Raises:
        click.UsageError: at least one was given.
    """
    context = click.get_current_context()
    given = [
        max(each.opts, key=len)
        for each in context.command.params
        if each.name in parameters and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(f"{', '.join(given)} beside {other}: {why}; leave one or the other out")
