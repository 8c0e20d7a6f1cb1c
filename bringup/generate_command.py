"""`bringup generate`: a part of a bring-up folder made again from its data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bringup.cli_options import CardFormat, Folder
from bringup.damage import says_damage
from bringup.printable import show

generate = typer.Typer(help="Make a part of a bring-up folder again from its data.", no_args_is_help=True)


@generate.command("card")
@says_damage
def generate_card(
    folder: Folder = Path(),
    form: Annotated[
        CardFormat, typer.Option("--format", help="github-issue prints the body of a tracking issue.")
    ] = CardFormat.markdown,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
) -> None:
    """Make MODEL_CARD.md again, or print it as a GitHub issue."""
    from bringup.plan.folder import card_files, tracking_issue

    if form is CardFormat.github_issue:
        from bringup.analysis import read_analysis
        from bringup.check.evidence import read_check
        from bringup.check.module_tree import module_states

        show(tracking_issue(read_analysis(folder), module_states(folder, read_check(folder))), end="")
    else:
        _regenerate(folder, card_files, dry_run)


@generate.command("tests")
@says_damage
def generate_tests(
    folder: Folder = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
) -> None:
    """Make the unit tests per op and per module again."""
    from bringup.plan.folder import test_files

    _regenerate(folder, test_files, dry_run, owner="tests/")


@generate.command("modules")
@says_damage
def generate_modules(
    folder: Folder = Path(),
    only: Annotated[str, typer.Option(metavar="NAME", help="Make one function of the TT-NN file again.")] = "",
    stub: Annotated[
        str, typer.Option(metavar="NAME", help="Leave one function to be written by hand: shapes and ops, no body.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
) -> None:
    """Make the modules again: functional torch, TT-NN, their parameters, tests and demo."""
    from bringup.analysis import read_analysis
    from bringup.modules.command import generate_modules as generate
    from bringup.report.terminal import print_words

    actions = generate(folder, read_analysis(folder), only=only, stub=stub, dry_run=dry_run)
    print_words(actions)
    raise typer.Exit(1 if any(action.word == "conflict" for action in actions) else 0)


def _regenerate(folder: Path, make: Callable[[Any], dict[str, str]], dry_run: bool, owner: str | None = None) -> None:
    from bringup.analysis import read_analysis
    from bringup.report.terminal import print_words
    from bringup.write import write_folder

    files = {path: text.encode() for path, text in make(read_analysis(folder)).items()}
    actions = write_folder(folder, files, dry_run=dry_run, owner=owner)
    print_words(actions)
    raise typer.Exit(1 if any(action.word == "conflict" for action in actions) else 0)
