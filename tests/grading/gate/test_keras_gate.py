"""What the gate lets through and refuses in `.keras` archives."""

from __future__ import annotations

import contextlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner import error_messages
from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.check import check
from tests.grading.gate import small_files
from tests.grading.gate.small_files import DENSE, GOOD, layer, sequential


def gate(path: Path) -> str:
    """What to load."""
    return check(str(path), "keras", str(path.parent))


def refusal(path: Path) -> GateRefusal:
    """Why a file is refused."""
    with pytest.raises(GateRefusal) as caught:
        gate(path)
    return caught.value


def test_a_plain_model_is_loaded_as_it_is(tmp_path: Path) -> None:
    path = small_files.keras(tmp_path / "m.keras")

    assert gate(path) == str(path)


def function(name: Any, module: str | None = "builtins") -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}


@pytest.mark.parametrize(
    ("config", "reason", "found", "where"),
    [
        (layer("Lambda", function=CODE), "lambda", "Lambda", "layer 'lambda'"),
        (layer("Dense", units=1, activation=CODE), "lambda", "__lambda__", "layer 'dense'"),
        (layer("Mine", None, "Custom>Mine"), "own_class", "Mine", "layer 'mine'"),
        (layer("Dense", "my_code", "Custom>Dense", units=1), "own_class", "Dense", "layer 'dense'"),
        (layer("system", "os"), "own_class", "system", "layer 'system'"),
        (layer("get_file", "keras.utils", origin="x"), "other_class", "keras.utils.get_file", "layer 'get_file'"),
        (layer("Dense", "keras.src.layers.core.dense", units=1), "other_class", "keras.src.layers.core.dense", ""),
        (layer("layers.Dense", "keras", units=1), "other_class", "keras.layers.Dense", ""),
        (layer("Adam", "keras.optimizers"), "other_class", "keras.optimizers.Adam", ""),
        (layer("Map", "keras.src.ops.core", function=function("relu")), "other_class", "keras.src.ops.core.Map", ""),
        (layer("TFSMLayer", filepath="/etc"), "outside", "TFSMLayer", "layer 'tfsmlayer'"),
        (layer("TorchModuleWrapper", module="gASVAA=="), "outside", "TorchModuleWrapper", ""),
        (layer("TFSMLayer", "keras.src.export.tfsm_layer"), "outside", "TFSMLayer", ""),
        (layer("Dense", units=1, activation="my_function"), "own_function", "my_function", "layer 'dense'"),
        (layer("Dense", units=1, activation=function("my_function")), "own_function", "my_function", ""),
        (layer("Dense", units=1, activation=function("get")), "own_function", "get", ""),
        (layer("Dense", units=1, activation=function("relu", "os")), "own_function", "relu", ""),
        (layer("Dense", units=1, activation=function(["relu"])), "own_function", "", ""),
        (layer("Dense", units=1, kernel_initializer="Mine"), "own_function", "Mine", ""),
        (layer("StringLookup", vocabulary="/etc/passwd"), "path", "/etc/passwd", "layer 'stringlookup'"),
        (layer("TextVectorization", vocabulary="http://x.org/v"), "path", "http://x.org/v", ""),
        (layer("StringLookup", vocabulary=None, idf_weights="idf.txt"), "path", "idf.txt", ""),
        (layer("Dense", units=1, frobnicate="gs://bucket"), "path", "gs://bucket", ""),
        (layer("Dense", units=10**9), "size", "units = 1e+09", "layer 'dense'"),
        (layer("Dense", units=1e30), "size", "units = 1e+30", ""),
        (layer("Reshape", target_shape=[10**6, 10**6]), "size", "target_shape = [1000000, 1000000]", ""),
        (layer("Dropout", rate=10**400), "size", "rate", ""),
        (layer("Dense", units=10**7), "claims", "at least ", ""),
        (layer("Dense", units=1, lora_rank=10**7), "claims", "at least ", ""),
        (layer("SeparableConv2D", filters=1, kernel_size=3, depth_multiplier=10**7), "claims", "at least ", ""),
        (layer("Embedding", input_dim=10**5, output_dim=10**3), "claims", "at least 100,000,000 weights", ""),
        (layer("Conv2D", filters=2000, kernel_size=[100, 100]), "claims", "at least ", ""),
        (layer("Dense", units=1, x={"class_name": "__numpy__", "config": {"value": [1], "dtype": "O"}}),
         "other_class", "an array of kind O", ""),
        (layer("Dense", units=1, x={"class_name": "__typespec__", "module": "keras", "spec_name": "x", "config": []}),
         "other_class", "__typespec__", ""),
        ({"module": "keras.layers", "class_name": ["Dense"], "config": {}}, "damaged", "a class that is named", ""),
    ],
)  # fmt: skip
def test_what_a_configuration_may_not_name(
    tmp_path: Path, config: dict[str, Any], reason: str, found: str, where: str
) -> None:
    """Also deep inside: in a wrapper, in a model, and among a node's arguments."""
    node = {"args": [config], "kwargs": {}}
    held = {**layer("ReLU"), "inbound_nodes": [node]}
    for number, around in enumerate((config, layer("TimeDistributed", layer=config), sequential(config), held)):
        refused = refusal(small_files.keras(tmp_path / f"{number}.keras", sequential(around)))

        assert refused.reason == reason
        assert refused.found.startswith(found)
        assert refused.where.startswith(where)


@pytest.mark.parametrize(
    "config",
    [
        layer("Dropout", rate=0.5, seed=2**63),
        layer("StringLookup", vocabulary=["/etc/passwd", "http://x.org", "a"]),
        layer("TextVectorization", vocabulary=None, oov_token="://", standardize="lower", split="character"),
        layer("Dense", units=1, activation=function("relu")),
        layer("Dense", units=1, newer_setting={"x": ["y", 7]}),
        layer("Add", "keras.src.ops.numpy", "Add"),
        layer("IntegerLookup", vocabulary=[2**40]),
        {**DENSE, "compile_config": {}},
    ],
)
def test_what_only_looks_odd_is_let_through(tmp_path: Path, config: dict[str, Any]) -> None:
    path = small_files.keras(tmp_path / "m.keras", sequential(config))

    assert gate(path) == str(path)


HOSTILE_COMPILE = {"optimizer": "adam", "loss": function("system", "os"), "metrics": [CODE]}


def test_the_outermost_compile_config_is_keras_to_drop(tmp_path: Path) -> None:
    path = small_files.keras(tmp_path / "m.keras", sequential(DENSE, compile_config=HOSTILE_COMPILE))

    assert gate(path) == str(path)


def test_a_member_before_the_files_beginning_is_no_fault_of_ours(tmp_path: Path) -> None:
    """The first byte is lost. The gate reads that member only where it makes a copy."""
    inner = sequential(layer("TimeDistributed", layer=sequential(DENSE, compile_config=HOSTILE_COMPILE)))
    path = small_files.keras(tmp_path / "m.keras", inner)
    path.write_bytes(path.read_bytes()[1:])
    assert refusal(path).reason == "damaged"


def test_nested_compile_configs_are_taken_out_of_a_copy(tmp_path: Path) -> None:
    inner = sequential(layer("TimeDistributed", layer=sequential(DENSE, compile_config=HOSTILE_COMPILE)))
    path = small_files.keras(
        tmp_path / "m.keras", sequential(inner), extra={"assets/": b"", "assets/a/vocabulary.txt": b"x"}
    )
    before = path.read_bytes()

    used = gate(path)

    assert used != str(path)
    assert path.read_bytes() == before
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(used) as new:
        assert "compile_config" not in new.read("config.json").decode()
        assert set(json.loads(new.read("config.json"))) == set(GOOD)
        for name in ("metadata.json", "model.weights.h5", "assets/a/vocabulary.txt"):
            assert new.read(name) == old.read(name)
    assert gate(Path(used)) == used


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        ("\xff", "damaged"),
        ("[" * 200_000, "too_big"),
        (json.dumps(GOOD).replace("{", '{"x": ' + "[" * 150 + "]" * 150 + ", ", 1), "too_big"),
        (json.dumps(GOOD).replace('"units": 1', '"units": 1, "units": 2'), "damaged"),
        (json.dumps(GOOD).replace('"units": 1', '"units": ' + "9" * 5000), "damaged"),
        (json.dumps(sequential(*[DENSE] * 60_000)), "too_big"),
        (json.dumps(GOOD) + " " * 34_000_000, "too_big"),
        (json.dumps(GOOD).replace("}", ', "x": [' + "{}," * 600_000 + "{}]}", 1), "too_big"),
    ],
    ids=["cut", "list", "empty", "bytes", "deep", "nested", "twice", "digits", "many", "long", "crowded"],
)
def test_configurations_that_are_none(tmp_path: Path, text: str, reason: str) -> None:
    path = small_files.keras(tmp_path / "m.keras", text)

    assert refusal(path).reason == reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("model.weights.npz", "member"),
        ("evil.py", "member"),
        ("../x", "member"),
        ("/etc/x", "member"),
        ("assets/../x/vocabulary.txt", "member"),
        ("assets/a/other.bin", "member"),
        ("assets\\x", "member"),
        ("config.json", "archive"),
        ("model.weights.h5", "archive"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_keras_does_not_write(tmp_path: Path, name: str, reason: str) -> None:
    path = small_files.keras(tmp_path / "m.keras", extra={name: b"x"})

    assert refusal(path).reason == reason


def test_a_configuration_without_weights_is_looked_at_too(tmp_path: Path) -> None:
    """Keras would build the model before it misses them."""
    for number, (config, reason) in enumerate([(GOOD, "no_weights"), (sequential(layer("Lambda")), "lambda")]):
        path = tmp_path / f"{number}.keras"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("config.json", json.dumps(config))
        assert refusal(path).reason == reason


def test_strange_members(tmp_path: Path) -> None:
    """Links, encryption, rare compression and bombs."""
    link = zipfile.ZipInfo("assets/vocabulary.txt")
    link.external_attr = 0o120777 << 16
    for number, (info, data, how) in enumerate(
        [
            (link, b"/etc/passwd", zipfile.ZIP_STORED),
            (zipfile.ZipInfo("assets/vocabulary.txt"), b"x", zipfile.ZIP_BZIP2),
            (zipfile.ZipInfo("assets/vocabulary.txt"), bytes(50_000_000), zipfile.ZIP_DEFLATED),
        ]
    ):
        path = small_files.keras(tmp_path / f"{number}.keras")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(info, data, how)
        assert refusal(path).reason == ("bomb" if number == 2 else "archive")


def test_a_header_that_lies_of_its_length(tmp_path: Path) -> None:
    """A packed configuration that says it is short is read no further than the bound."""
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", small_files.METADATA)
        archive.writestr("config.json", json.dumps(GOOD))
        archive.writestr("model.weights.h5", small_files.weights())
    assert gate(path) == str(path)
    data = path.read_bytes()
    length = len(json.dumps(GOOD)).to_bytes(4, "little")
    assert data.count(length) == 2

    path.write_bytes(data.replace(length, (40).to_bytes(4, "little")))

    assert refusal(path).reason == "damaged"


def test_damaged_archives(tmp_path: Path) -> None:
    """Every cut and many a changed byte: refused or let through, never another error."""
    data = small_files.keras(tmp_path / "good.keras").read_bytes()
    path = tmp_path / "m.keras"
    for at in range(0, len(data), 101):
        path.write_bytes(data[:at])
        assert refusal(path).reason == "damaged"
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        with contextlib.suppress(GateRefusal):
            gate(path)


def test_words_name_what_was_found_and_what_to_do() -> None:
    """Each code of the gate has its own sentence and remedy; an unknown code gets a general one."""
    sources = (Path(error_messages.__file__).parents[1] / "predictor" / "gate").glob("*.py")
    codes = {code for source in sources for code in re.findall(r'GateRefusal\(\s*"(\w+)"', source.read_text())}

    assert {"own_size", "bomb", "damaged"} <= codes
    for code in [*codes, "lambda", "outside", "h5_operation", "own_class", "old_class", "add_on", "not known"]:
        assert code in error_messages.TEXTS or code == "not known"
        refusal = error_messages.gate_refusal(code, "Thing {x}\n", "layer 'a'")
        assert refusal.verdict in (Verdict.INVALID_MODEL, Verdict.LIMIT_EXCEEDED)
        assert len(refusal.message) > 20
        assert len(refusal.remedy) > 20
        assert "\n" not in refusal.message
        assert "{found}" not in refusal.message + refusal.remedy
