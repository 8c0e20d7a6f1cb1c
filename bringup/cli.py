"""The command line. The only place that prints and exits; imports torch only inside the commands that need it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bringup import __version__
from bringup.cli_options import (
    Batch,
    Board,
    ClassName,
    Dtype,
    Folder,
    Input,
    Inputs,
    Json,
    Level,
    LevelName,
    Model,
    ModeName,
    NoWeights,
    Sequence,
    Setting,
    Submodule,
    TargetName,
    Weights,
    load_options,
)
from bringup.damage import says_damage
from bringup.endings import fail, interrupted, run
from bringup.errors import BringupError
from bringup.generate_command import generate
from bringup.issues.command import issues
from bringup.plural import counted
from bringup.printable import say, show

app = typer.Typer(
    name="bringup",
    help="Bring a PyTorch model up on Tenstorrent hardware with TT-NN: start with `bringup init MODEL`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        show(f"bringup {__version__}")
        raise typer.Exit


@app.callback()
def every_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Bring a PyTorch model up on Tenstorrent hardware with TT-NN: start with `bringup init MODEL`."""


app.add_typer(generate, name="generate")
app.add_typer(issues, name="issues")


@app.command()
def init(
    model: Model,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The folder to make; default: the model's name.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the model is called, in its files and for its folder.")] = "",
    setting: Setting = [],  # noqa: B006 (typer reads the default)
    input: Input = [],  # noqa: B006
    inputs: Inputs = "",
    batch: Batch = 1,
    sequence: Sequence = None,
    dtype: Dtype = None,
    weights: Weights = "",
    no_weights: NoWeights = False,
    submodule: Submodule = "",
    class_name: ClassName = "",
    level: Level = LevelName.ttnn,
    no_views: Annotated[
        bool, typer.Option("--no-views", help="Leave out torchinfo's table and torchviz's graph, which run the model.")
    ] = False,
    views_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that torchinfo and torchviz may take, each.")
    ] = 20.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    as_json: Json = False,
) -> None:
    """Make a bring-up folder: graph, summary, model card, coverage, and a unit test per op."""
    from bringup import init as stages
    from bringup.progress import Progress
    from bringup.report.terminal import init_summary, print_actions

    options, flags = load_options(
        setting, input, inputs, batch, sequence, dtype, weights, no_weights, submodule, class_name
    )
    if level is LevelName.core:
        flags = (*flags, ("--level", "core"))
    flags = (*flags, *((("--name", name),) if name else ()), *((("--no-views", ""),) if no_views else ()))
    result = stages.init(
        model, options, out=out, level=level.value, flags=flags, dry_run=dry_run, progress=Progress(stages.STAGES),
        name=name, views_seconds=0.0 if no_views else views_timeout,
    )  # fmt: skip
    if as_json:
        show(json.dumps(init_summary(result), indent=1))
    else:
        print_actions(result, dry_run=dry_run)
    raise typer.Exit(result.exit_code)


@app.command()
def trace(
    model: Model,
    setting: Setting = [],  # noqa: B006
    input: Input = [],  # noqa: B006
    inputs: Inputs = "",
    batch: Batch = 1,
    sequence: Sequence = None,
    dtype: Dtype = None,
    weights: Weights = "",
    no_weights: NoWeights = False,
    submodule: Submodule = "",
    class_name: ClassName = "",
    level: Level = LevelName.ttnn,
    as_json: Json = False,
) -> None:
    """Print the op kinds of a model with calls and variations; with --json its whole graph. Writes nothing."""
    from bringup.init import trace_or_raise
    from bringup.json_files import to_json
    from bringup.module_classes import take_inventory
    from bringup.progress import Progress
    from bringup.report.terminal import print_inventory
    from bringup.sources import load

    options, _ = load_options(
        setting, input, inputs, batch, sequence, dtype, weights, no_weights, submodule, class_name
    )
    progress = Progress(2)
    with progress.stage(f"load {model}"):
        loaded = load(model, options)
    with progress.stage("trace"):
        graph = trace_or_raise(loaded, level.value, progress)
    if as_json:
        show(to_json(graph), end="")
    else:
        print_inventory(take_inventory(graph), graph)
    raise typer.Exit(0 if graph.is_complete else 1)


@app.command()
@says_damage
def coverage(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER|FILE.jsonl",
            help="A bring-up folder, or op variations, one JSON object a line; - reads stdin.",
        ),
    ] = Path(),
    as_json: Json = False,
    board: Board = "n150",
    table: Annotated[bool, typer.Option("--table", help="For lines: stay at `table` evidence, run nothing.")] = False,
    jobs: Annotated[int | None, typer.Option("-j", min=1, help="For lines: child processes.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="For lines: seconds for one variation.")] = 60.0,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="For lines: ask again what is known.")] = False,
) -> None:
    """Print what TT-NN has for each op of a bring-up folder's model, or for each line of a file of op variations."""
    if str(folder) == "-" or folder.suffix == ".jsonl":
        from bringup.lines.command import print_lines

        print_lines(folder, board, jobs or 0, timeout, table=table, use_cache=not no_cache)
        return
    from bringup.analysis import analyse, read_analysis
    from bringup.json_files import to_json
    from bringup.report.terminal import print_coverage

    stored = read_analysis(folder)
    analysis = analyse(stored.info, stored.graph, folder)
    if as_json:
        show(to_json(analysis.coverage), end="")
    else:
        print_coverage(analysis)


@app.command()
def ops(
    search: Annotated[
        str, typer.Argument(help="Part of an ATen op's or a ttnn op's name; or `verify`: ask the installed ttnn.")
    ] = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")] = False,
    as_json: Json = False,
    board: Board = "n150",
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=0, help="With verify: child processes; 0: processors.")] = 0,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="With verify: take no earlier answers.")] = False,
) -> None:
    """Print the support matrix: what TT-NN has for each torch op, and what it refuses.

    `bringup ops verify` asks the installed ttnn for all of it, each limit on both sides, and says what changed.
    """
    if search == "verify":
        from bringup.verify.command import verify_and_print

        if verify_and_print(board, jobs, as_json=as_json, use_cache=not no_cache):
            raise typer.Exit(1)
        return
    from bringup.analysis import TTNN_VERSION
    from bringup.json_files import to_data
    from bringup.ops.registry import registry
    from bringup.plan.support_matrix import support_matrix, with_forms
    from bringup.report.matrix_tables import DETAILED, matrix_markdown, print_matrix

    found = support_matrix(registry(), search)
    if as_json or markdown or len(found) <= DETAILED:
        say(f"reading dtypes and layouts of {len(found)} ops")
        found = with_forms(found, registry())
    if as_json:
        show(json.dumps([to_data(support) for support in found], indent=1))
    elif markdown:
        show(matrix_markdown(found, TTNN_VERSION), end="")
    else:
        print_matrix(found)


@app.command()
@says_damage
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A bring-up folder, or its coverage.json.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    as_json: Json = False,
) -> None:
    """Compare two coverages: two models, two boards, two ttnn versions. Exit code 1 when support was lost."""
    from bringup.analysis import read_coverage
    from bringup.json_files import to_data
    from bringup.plan.coverage_diff import diff_coverages
    from bringup.report.matrix_tables import print_diff

    found = diff_coverages(read_coverage(before), read_coverage(after))
    if as_json:
        show(json.dumps(to_data(found), indent=1))
    else:
        print_diff(found)
    raise typer.Exit(1 if any(change.word == "lost" for change in found.changes) else 0)


@app.command()
@says_damage
def check(
    folder: Folder = Path(),
    target: Annotated[
        TargetName | None, typer.Option(help="Default: hardware where there is a board, else emulate.")
    ] = None,
    mode: Annotated[
        ModeName,
        typer.Option(
            help="exact finds wrong programs; rounded shows what dtypes lose, accumulated also what long sums lose."
        ),
    ] = ModeName.both,
    board: Board = "n150",
    keyword: Annotated[
        str, typer.Option("-k", metavar="EXPRESSION", help="Only tests whose names match, as in pytest.")
    ] = "",
    jobs: Annotated[int | None, typer.Option("-j", min=1, help="Child processes; default: one per processor.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that one test may take.")] = 120.0,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Run also what an earlier run has settled.")] = False,
    as_json: Json = False,
) -> None:
    """Run a folder's tests on an emulated board or on hardware, and take what they show over into COVERAGE.md."""
    from bringup.check.command import check_and_write
    from bringup.check.results import has_findings
    from bringup.report.check_tables import check_summary, print_check

    done = check_and_write(
        folder, target.value if target else "", board, mode.value, keyword, jobs or 0, timeout, use_cache=not no_cache
    )
    if as_json:
        show(json.dumps(check_summary(done.analysis, done.checked), indent=1))
    else:
        print_check(done.analysis, done.checked, folder)
    if done.refused:
        calls, them = counted(done.refused, "op call"), "it" if done.refused == 1 else "them"
        say(f"tt/ makes {calls} that ttnn refuses: `bringup generate modules {folder}` writes {them} in torch")
    conflicts = [action.path for action in done.actions if action.word == "conflict"]
    for path in conflicts:
        say(f"{path} was changed by hand and stays; the new text is in {path}.new")
    raise typer.Exit(1 if has_findings(done.checked.file.results) or conflicts else 0)


@app.command()
@says_damage
def repro(
    variation: Annotated[str, typer.Argument(help="Id of an input variation: conv2d-3f9a1c2e.")],
    folder: Annotated[Path, typer.Argument(help="A bring-up folder; it may stand first too.")] = Path(),
    run: Annotated[bool, typer.Option("--run", help="Run it on an emulated board too.")] = False,
    board: Board = "n150",
) -> None:
    """Print the shortest script that shows one op call, with torch and ttnn alone."""
    from bringup.analysis import read_analysis
    from bringup.plan.repro import repro_script

    if Path(variation).is_dir() and not folder.is_dir():
        variation, folder = str(folder), Path(variation)
    script = repro_script(read_analysis(folder), variation)
    show(script, end="")
    if run:
        from bringup.check.run_script import run_script

        raise typer.Exit(run_script(script, board))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed here, and what each missing part costs."""
    from bringup.doctor import examine
    from bringup.report.doctor_table import print_examination

    found = examine(say)
    if as_json:
        show(json.dumps([finding.as_dict() for finding in found], indent=1))
    else:
        print_examination(found)


@app.command()
def models(
    search: Annotated[str, typer.Argument(help="Part of a name.")] = "",
    source: Annotated[str, typer.Option(help="torchvision, timm, hf-config or example.")] = "",
    as_json: Json = False,
) -> None:
    """List the models that the installed sources offer."""
    from bringup.sources.catalogue import list_models, missing_sources

    entries = list_models(search, source)
    if as_json:
        show(json.dumps([{"spec": e.spec, "source": e.source, "task": e.task} for e in entries], indent=1))
    else:
        for entry in entries:
            show(f"{entry.spec}  ({entry.task})" if entry.task else entry.spec)
    say(f"{len(entries)} models")
    for name in missing_sources():
        say(f"not installed: {name} (pip install 'bringup[models]')")


_WATCHED = ("init", "trace")
"""Commands that run a model's code."""


def main() -> None:
    """The entry point: every failure becomes a sentence and an exit code."""
    if not any(command in _WATCHED for command in sys.argv[1:2]):
        run(app)
        return
    from bringup.watched import watched

    try:
        watched(lambda: run(app))
    except BringupError as error:
        fail(error)
    except KeyboardInterrupt:
        interrupted()
