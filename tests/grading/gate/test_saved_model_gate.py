"""The gate before SavedModels: what is refused, by which code, in which words."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.error_messages import gate_refusal
from mockexam.grading.predictor import gate
from mockexam.grading.predictor.gate import graph
from tests.shared import made_once, quick_tensorflow

HERE = Path(__file__).parent
HONEST = (
    "good", "words", "bright", "custom", "rogue_loop", "rogue_eat", "rogue_flood", "rogue_mix", "no_signature",
    "files_of_an_editor", "a_vocabulary_that_is_an_asset", "a_vocabulary_that_is_handed_on",
    "a_constant_stored_in_full", "a_mask_of_one_value", "a_ragged_argument", "a_layer_of_keras_2",
    "index_as_it_was", "a_table_as_a_resource", "debug",
)  # fmt: skip
REFUSED = {
    "rogue_write": ["graph_file", "WriteFile", "function write"],
    "rogue_read": ["graph_file", "ReadFile", "function read"],
    "a_text_table_of_a_constant_name": "graph_file",
    "a_text_table_of_something_that_is_no_asset": "graph_file",
    "a_text_table_of_an_argument": "graph_file",
    "a_text_table_that_is_called": "graph_file",
    "a_text_table_that_is_handed_a_constant": "graph_file",
    "a_text_table_that_is_called_in_secret": "graph_file",
    "a_text_table_behind_one_that_loading_calls": "graph_file",
    "a_saver_that_serving_calls": "graph_saver",
    "a_restorer_that_is_called_by_its_name": "graph_saver",
    "a_saver_behind_another_function": "graph_saver",
    "a_saver_in_a_text_attribute": "graph_saver",
    "a_saver_as_gradient": "graph_saver",
    "a_saver_to_swap_in": "graph_saver",
    "a_saver_among_the_objects": "graph_saver",
    "a_saver_in_the_main_graph": ["graph_file", "MergeV2Checkpoints", "main graph"],
    "an_operation_of_an_add_on": ["graph_foreign", "SentencepieceOp", "function signature_wrapper___call__"],
    "a_function_called_like_a_file_operation": "graph_file",
    "a_function_called_like_an_allowed_operation": "graph_damaged",
    "two_functions_of_one_name": "graph_damaged",
    "a_call_into_nothing": "graph_damaged",
    "a_call_left_open": "graph_damaged",
    "a_function_that_calls_itself": "graph_recursive",
    "two_functions_that_call_each_other": "graph_recursive",
    "calls_a_thousand_deep": "graph_large",
    "calls_that_double_forty_times": "graph_large",
    "a_node_with_a_billion_outputs": "graph_large",
    "half_a_million_nodes": "graph_large",
    "one_zero_for_a_terabyte": "graph_constant",
    "one_long_text_for_a_million": "graph_constant",
    "a_hundred_zeros_for_ten_megabytes_each": "graph_constant",
    "a_negative_axis": "graph_damaged",
    "an_argument_of_absurd_size": "graph_constant",
    "an_argument_of_a_registered_class": ["graph_object", "my.package.Spec", ""],
    "an_argument_that_is_a_dataset": "graph_object",
    "an_object_of_a_registered_class": ["graph_object", "Custom.Evil", ""],
    "an_object_with_a_registered_saver": "graph_object",
    "an_object_of_an_unknown_kind": "graph_object",
    "a_variable_of_a_terabyte": "graph_variables",
    "a_variable_as_a_resource": "graph_state",
    "a_known_variable_as_a_resource": "graph_state",
    "a_variable_in_a_function_to_swap_in": "graph_state",
    "a_resource_that_serving_destroys": "graph_state",
    "a_function_with_variables_of_its_own": ["graph_object", "_func_graph", "below a function"],
    "a_variable_with_a_child": "graph_object",
    **{f"asset_{number}": "graph_asset" for number in range(9)},
    "an_asset_of_a_wrong_number": "graph_asset",
    "an_asset_that_is_a_link": "graph_asset",
    "no_object_graph": ["graph_old", "1.15.0", ""],
    "cut_short": "graph_damaged",
    "foreign": "graph_damaged",
    "empty": "graph_damaged",
    "two_graphs": "graph_several",
    "no_graph": "graph_damaged",
    "deep": "graph_damaged",
    "text": "graph_text",
    "nothing": "graph_damaged",
    "huge": "graph_large",
    "index_entry_is_no_message": "graph_damaged",
    "index_negative_axis": "graph_damaged",
    "index_many_axes": "graph_damaged",
    "index_shape_beyond_all_numbers": "graph_damaged",
    "index_shape_unknown": "graph_damaged",
    "index_type_of_a_handle": "graph_damaged",
    "index_no_type": "graph_damaged",
    "index_unknown_type": "graph_damaged",
    "index_in_pieces": "graph_damaged",
    "index_without_header": "graph_damaged",
    "index_of_no_shard": "graph_damaged",
    "index_key_from_nothing": "graph_damaged",
    "index_compressed": "graph_damaged",
    "index_empty": "graph_damaged",
    "index_foreign": "graph_damaged",
    "index_of_a_terabyte": "graph_variables",
}


@pytest.fixture(scope="module")
def report(models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `ask_gate.py` prints, in a process of its own."""

    def make(folder: Path) -> None:
        argv = [sys.executable, HERE / "ask_gate.py", models, folder]
        done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, env=quick_tensorflow())
        (folder / "report.json").write_bytes(done.stdout)

    report: dict[str, Any] = json.loads(
        (made_once(tmp_path_factory, "hostile-graphs", make) / "report.json").read_text()
    )
    return report


def test_what_is_honest_passes(report: dict[str, Any]) -> None:
    """Ordinary exports, and those whose only sin is to take for ever, to eat memory or to answer nonsense."""
    assert {name: report["verdicts"][name] for name in HONEST} == dict.fromkeys(HONEST)


def test_what_is_hostile_is_refused_for_its_reason(report: dict[str, Any]) -> None:
    verdicts = {name: report["verdicts"][name] for name in REFUSED}
    expected = {
        name: wanted if isinstance(wanted, list) else [wanted, *(verdicts[name] or ["", "", ""])[1:]]
        for name, wanted in REFUSED.items()
    }
    assert verdicts == expected


def test_what_is_refused_as_a_whole_is_refused_or_taken_out(report: dict[str, Any]) -> None:
    """What the signature can't reach is taken out: the rest is the honest model, to the byte."""
    harmful = {name for name, harmless in report["harmless"].items() if not harmless and name in REFUSED}
    assert harmful == set()


def test_each_case_has_a_verdict(report: dict[str, Any]) -> None:
    named = {name for name in report["verdicts"] if not name.startswith("op ")}
    assert named == {*HONEST, *REFUSED}


def test_no_dangerous_operation_is_allowed(report: dict[str, Any]) -> None:
    """Each of them in the serving function of an honest export: refused, and named."""
    refused = {name: found for name, found in report["verdicts"].items() if name.startswith("op ")}
    assert len(refused) > 80
    assert {name: found and found[1] for name, found in refused.items()} == {name: name[3:] for name in refused}


def test_operations_get_the_words_for_their_kind(report: dict[str, Any]) -> None:
    kinds = {
        "WriteFile": "graph_file", "TextLineDataset": "graph_file", "ImmutableConst": "graph_file",
        "FixedUnigramCandidateSampler": "graph_file", "PrintV2": "graph_print", "WriteAudioSummary": "graph_print",
        "DebugIdentityV3": "graph_print", "EagerPyFunc": "graph_python", "DecodeJpeg": "graph_codec",
        "IteratorGetNext": "graph_operation", "XlaCallModule": "graph_operation", "CudaGraph": "graph_foreign",
    }  # fmt: skip
    assert {op: report["verdicts"][f"op {op}"][0] for op in kinds} == kinds


def test_no_operation_has_run(report: dict[str, Any]) -> None:
    assert report["ran"] is False


def test_tensorflow_has_every_operation_on_the_list(report: dict[str, Any]) -> None:
    lines = (Path(graph.__file__).parent / "ops.txt").read_text().splitlines()
    assert lines == sorted(set(lines))
    assert report["registered"]["unknown"] == []


def test_what_calls_and_what_multiplies_is_known(report: dict[str, Any]) -> None:
    """The operations with functions, or with a number of outputs, in their attributes."""
    assert set(report["registered"]["callers"]) == graph.CALLERS
    counted = {name: tuple(found) for name, found in report["registered"]["counted"].items() if found}
    assert counted == graph.OUTPUT_COUNTS


def test_the_size_of_a_checkpoint_is_read_from_its_index(report: dict[str, Any]) -> None:
    """Two numbers of four bytes, which Keras stores twice, and the object graph as one text of unknown length."""
    assert report["indexed"] == 2 * 2 * 4 + 1


def test_each_code_has_words() -> None:
    sources = [path.read_text() for path in Path(gate.__file__).parent.glob("*.py")]
    codes = {code for source in sources for code in re.findall(r'"(graph_[a-z]+)"', source)}
    general = gate_refusal("no such code", "WriteFile", "")
    for code in codes:
        refusal = gate_refusal(code, "WriteFile", "function write")
        assert refusal != general, code
        assert refusal.verdict in {Verdict.INVALID_MODEL, Verdict.LIMIT_EXCEEDED}
        assert "{" not in refusal.message + refusal.remedy
    assert len(codes) == 18


def test_the_words_name_the_operation_and_the_remedy() -> None:
    refusal = gate_refusal("graph_file", "WriteFile", "function write")
    assert refusal.verdict == Verdict.INVALID_MODEL
    assert "WriteFile (function write)" in refusal.message
    assert 'model.export("mymodel")' in refusal.remedy


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_no_ordinary_export_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Layers of one's own with plain operations, modules, tables, text from files, and whole applications."""

    def make(folder: Path) -> None:
        argv = [sys.executable, HERE / "ordinary_exports.py", folder]
        (folder / "report.json").write_bytes(subprocess.run(argv, check=True, stdout=subprocess.PIPE).stdout)

    verdicts = json.loads((made_once(tmp_path_factory, "ordinary-exports", make) / "report.json").read_text())
    assert len(verdicts) >= 85
    assert {name: verdict for name, verdict in verdicts.items() if verdict} == {}
