"""What a draft says, of which gaps there is one, and what makes two gaps the same."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from folders import OPS, analysis_of, checked, make_folder

from bringup.analysis import TTNN_VERSION
from bringup.errors import FolderError
from bringup.inventory import Operand
from bringup.issues.draft import plan_draft
from bringup.issues.fingerprint import fingerprint, normalise
from bringup.issues.folder import comment_text, draft_files, parse_draft, read_draft
from bringup.issues.gaps import OTHER_NAMES, find_gap_classes, known_ttnn_ops, ttnn_op_for
from bringup.issues.markers import find_markers, model_key
from bringup.issues.torch_docs import NAMES, torch_name
from bringup.ops.registry import registry
from bringup.render import templates_folder
from bringup.variations import short_name

GOLDEN = Path(__file__).parent / "golden"
REFUSED = (
    "Not enough space to allocate 2163200 B L1 buffer across 1 banks (allocated: [1, 2], at 0x7f3a, /home/ann/x.cpp)"
)


def made() -> dict[str, str]:
    """A draft of each kind, and a comment."""
    missing = analysis_of("tagger", ("aten.mode.default",))
    refused, refusal = checked(analysis_of("refused", ("aten.relu.default",)), REFUSED)
    dead = analysis_of("dead", ("aten.permute.default",), shape=(1, 0, 32), more=(("dims", (2, 1, 0)),))
    crashed, crash = checked(dead, "ttnn.permute, without an exception", kind="crash")
    texts = {}
    for name, analysis, check in (
        ("missing", missing, None),
        ("rejected", refused, refusal),
        ("crash", crashed, crash),
    ):
        files = draft_files(analysis, check)
        texts |= {f"{name}{Path(path).suffix}": text for path, text in files.items()}
    gap = find_gap_classes(missing, None).classes[0]
    texts["comment.md"] = comment_text(plan_draft(missing, gap, None), "2026-11-02")
    return texts


def test_drafts_are_the_goldens(request):
    texts = made()
    assert len(texts) == 7
    if request.config.getoption("--update-goldens"):
        GOLDEN.mkdir(exist_ok=True)
        for name, text in texts.items():
            (GOLDEN / name).write_text(text, encoding="utf-8")
    assert {path.name for path in GOLDEN.iterdir()} == set(texts)
    for name, text in texts.items():
        assert text == (GOLDEN / name).read_text(encoding="utf-8"), name
        assert "/home/" not in text and "/tmp/" not in text


def test_a_draft_has_what_a_maintainer_needs():
    text = made()["rejected.md"]
    for wanted in (
        "`aten.relu.default`", "1 time per run", "`head`", "`Head`", "`model.py:7`", "`x = f(x)`",
        "`self: 1 x 8 float32 (activation)`", "Not enough space to allocate 2163200 B L1 buffer", "unlocks 1 op call of 1",
        "the traced model then runs fully on the device", "import ttnn", "ttnn.relu(input)", "run in torch on the host",
        f"`{TTNN_VERSION} ", "mock n150", "generated/torch.relu.html", "**What ttnn says**", "bringupgap",
    ):  # fmt: skip
        assert wanted in text, wanted
    form = Path(templates_folder() / "issues/feature.md.jinja").read_text()
    assert [line for line in form.splitlines() if line.startswith("### ")] == [
        "### Is your feature request related to a problem? Please describe",
        "### Describe the solution you'd like",
        "### Describe alternatives you've considered",
        "### Additional context",
    ]


def test_the_script_of_a_missing_op_runs_in_torch_and_fails_for_ttnn_alone(tmp_path):
    text = made()["missing.md"]
    script = text.partition("```python\n")[2].partition("```")[0]
    for name in ("ttnn", "ttnn/transformer", "ttnn/experimental"):
        (tmp_path / name).mkdir()
    (tmp_path / "ttnn/__init__.py").write_text("from . import transformer, experimental\n")
    (tmp_path / "ttnn/transformer/__init__.py").write_text("")
    (tmp_path / "ttnn/experimental/__init__.py").write_text("")
    (tmp_path / "script.py").write_text(script.replace('"text": None', ""))
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "torch gives [(1,), (1,)]" in done.stdout, done.stderr
    assert "AssertionError: ttnn has none of ['mode']" in done.stderr
    (tmp_path / "ttnn/experimental/__init__.py").write_text("mode = None\n")
    assert subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, check=False).returncode == 0


SAME = [
    ("Not enough space to allocate 2163200 B L1 buffer", "Not enough space to allocate 1 B L1 buffer"),
    ("bad shape Shape([1, 64, 56, 56]) at 0x7f00", "bad shape Shape([8, 3]) at 0x1"),
    ("TT_FATAL in /opt/a/op.cpp: x", "TT_FATAL in /srv/b/op.cpp: x"),
    ("incompatible function arguments: ttnn.Tensor(1)", "incompatible function arguments: ttnn.Tensor(2), 3"),
    ("dim -1 is out of range", "dim 4 is out of range"),
    ("unknown mode 'bicubic'", "unknown mode 'nearest'"),
]
DIFFERENT = [
    ("Not enough space to allocate 1 B L1 buffer", "Not enough space to allocate 1 B DRAM buffer"),
    ("got DataType::INT32", "got DataType::UINT8"),
    ("only rank 4", "only tile layout"),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_words_that_differ_in_numbers_are_the_same_limit(first, second):
    assert normalise(first) == normalise(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_words_that_say_something_else_are_another_limit(first, second):
    assert normalise(first) != normalise(second)


def test_a_fingerprint_does_not_depend_on_the_model():
    def keys(name, **more):
        return {gap.op: gap.fingerprint for gap in find_gap_classes(analysis_of(name, OPS, **more), None).classes}

    assert keys("alpha") == keys("beta", module="other", shape=(9, 9), text="x")
    assert len(set(keys("alpha").values())) == 4
    assert fingerprint("aten.x.default", "missing", "") != fingerprint("aten.x.default", "crash", "")
    assert fingerprint("aten.histc.default", "missing", "") == "d43959f8448714ef"  # as in issues that are filed


def test_what_is_there_under_a_name_is_never_drafted():
    gaps = find_gap_classes(
        analysis_of("m", ("aten.bernoulli.default", "aten.nonzero.default", "aten.mine.x", *OPS)), None
    )
    assert {gap.op for gap in gaps.classes} == set(OPS)
    why = {left_out.op: left_out.why for left_out in gaps.not_drafted}
    assert "ttnn.bernoulli is there" in why["aten.bernoulli.default"]
    assert "ttnn.nonzero is there" in why["aten.nonzero.default"]
    assert "no row" in why["aten.mine.x"]
    assert ttnn_op_for("aten.mode.default", known_ttnn_ops() | {"ttnn.experimental.mode"}) == "ttnn.experimental.mode"
    assert set(OTHER_NAMES) <= {short_name(op) for op, row in registry().items() if row.status == "missing"}


def test_supported_ops_make_no_draft():
    assert find_gap_classes(analysis_of("m", ("aten.relu.default",)), None).classes == ()


def test_a_crash_of_a_whole_model_and_what_only_carries_complex_tensors_make_no_draft():
    analysis, check = checked(analysis_of("m", ("aten.relu.default",)), "", kind="crash")
    whole = replace(check, results=tuple(replace(r, variation="", call="ttnn.roll") for r in check.results))
    (left_out,) = find_gap_classes(analysis, whole).not_drafted
    assert left_out.op == "ttnn.roll" and "report it by hand" in left_out.why
    verdicts = tuple(
        replace(v, status="rejected", evidence="table", reason="no such dtype") for v in analysis.coverage.verdicts
    )
    refused = replace(analysis, coverage=replace(analysis.coverage, verdicts=verdicts))
    assert len(find_gap_classes(refused, None).classes) == 1
    outputs = (Operand((1, 8), "complex64", "activation"),)
    variations = tuple(replace(v, outputs=outputs) for v in analysis.inventory.variations)
    gaps = find_gap_classes(replace(refused, inventory=replace(analysis.inventory, variations=variations)), None)
    assert gaps.classes == () and "complex" in gaps.not_drafted[0].why


@pytest.mark.parametrize(
    ("kind", "target", "words", "cause"),
    [
        ("crash", "emulate", "ttnn.roll", "crash"),
        ("wrong value", "hardware", "output 0: PCC computed 0.5", "wrong value"),
        ("wrong value", "emulate", "output 0: shape computed (1,), required (2,)", "wrong shape"),
        ("wrong value", "emulate", "output 0: PCC computed 0.5", None),
        ("mistake", "emulate", "a host tensor", None),
        ("timeout", "emulate", "took more than 60 s", None),
        ("error", "emulate", "NameError", None),
    ],
)
def test_only_what_a_bug_of_ttnn_explains_is_reported_as_one(kind, target, words, cause):
    analysis, check = checked(analysis_of("m", ("aten.relu.default",)), words, kind=kind, target=target)
    found = find_gap_classes(analysis, check).classes
    assert [gap.cause for gap in found] == ([cause] if cause else [])
    assert all(gap.is_bug and gap.is_certain for gap in found)


def test_a_limit_that_ttnn_was_not_asked_about_is_drafted_and_not_certain():
    analysis = analysis_of("m", ("aten.relu.default",))
    verdicts = tuple(
        replace(v, status="rejected", reason="ttnn.relu needs: rank 4 (got 2)") for v in analysis.coverage.verdicts
    )
    gaps = find_gap_classes(replace(analysis, coverage=replace(analysis.coverage, verdicts=verdicts)), None).classes
    assert [(gap.cause, gap.is_certain) for gap in gaps] == [("rejected", False)]


def test_an_edited_draft_is_what_is_filed(tmp_path):
    folder = make_folder(tmp_path, "alpha", OPS[:1])
    analysis = analysis_of("alpha", OPS[:1])
    gap = find_gap_classes(analysis, None).classes[0]
    path = folder / "issues" / f"{gap.id}.md"
    text = path.read_text().replace("[Feature Request] Need", "We need").replace("<!-- bringup:gap", "<!-- was:")
    path.write_text(text + "\nA person's own words.\n")
    draft = read_draft(folder, gap, model_key(analysis.info))
    assert draft.title.startswith("We need") and "A person's own words." in draft.body
    assert find_markers("gap", draft.body) == (gap.fingerprint,)
    for damaged in (
        "no head",
        "---\ntitle: broken\n---\nx",
        "---\nlabels: []\n---\nx",
        '---\ntitle: ""\nlabels: []\n---\nx',
    ):
        with pytest.raises(FolderError, match="head of the draft"):
            parse_draft(damaged, gap, "0" * 16, "x.md")
    with pytest.raises(FolderError, match="characters"):
        parse_draft(path.read_text() + "x" * 70_000, gap, "0" * 16, "x.md")


def test_a_gap_of_many_variations_and_places_stays_within_github_s_limit():
    analysis = analysis_of("m", ("aten.mode.default",) * 400, code="y = " + "x" * 5000, module="m" * 3000)
    wide = replace(
        analysis.inventory,
        variations=tuple(replace(analysis.inventory.variations[0], id=f"mode-{n}") for n in range(400)),
    )
    verdicts = tuple(replace(analysis.coverage.verdicts[0], variation=f"mode-{n}") for n in range(400))
    large = replace(analysis, inventory=wide, coverage=replace(analysis.coverage, verdicts=verdicts))
    gap = find_gap_classes(large, None).classes[0]
    assert len(gap.variations) == 400
    files = draft_files(large, None)
    text = next(text for path, text in files.items() if path.endswith(".md"))
    assert len(text) < 40_000 and "390 more, as JSON below" in text
    lines = next(text for path, text in files.items() if path.endswith(".jsonl")).splitlines()
    assert len(lines) == 400 and all(json.loads(line)["calls"] == 400 for line in lines)


def test_torch_s_pages_are_of_names_that_torch_has():
    variation = analysis_of("m", OPS).inventory.variations[0]
    names = {op: torch_name(op, row, variation) for op, row in registry().items()}
    names |= {key: name for key, name in NAMES.items()}
    for op, name in names.items():
        found = torch
        for part in name.split(".")[1:]:
            found = getattr(found, part, None)
        assert found is not None or not name, (op, name)
    assert torch_name("mine.op.default", None, variation) == ""


def test_the_same_refusal_in_another_state_of_the_banks_is_the_same_gap():
    words = "Out of Memory: Not enough space to allocate 4096 B {} buffer across 1 banks (allocated: {} B, free: 2 B)."
    before, after = words.format("L1", 10), words.format("L1", 20).removesuffix(".")
    keys = {fingerprint("aten.x.default", "rejected", text) for text in (before, after)}
    assert len(keys) == 1
    assert fingerprint("aten.x.default", "rejected", words.format("DRAM", 10)) not in keys
