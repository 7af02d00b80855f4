"""The smallest command line on click that has a command: what ours is compared with."""

import click


@click.group()
@click.version_option("1", message="bare %(version)s")
def cli() -> None:
    """Do next to nothing."""


@cli.command()
def status() -> None:
    """Say so."""
    click.echo("nothing")


if __name__ == "__main__":
    cli()
