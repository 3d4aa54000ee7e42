"""Wrong inputs to what the language has for adapters: each is named, none is taken for something else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from adapter_helpers import opened

from chorus import ChorusError, Session

START = """
(define t (make-adapter 't {:v '(((0 1)) ((2) (0)))}))
(define wide (make-adapter 'wide {:v '(3 3)}))
(define (numbers x) (map (lambda (i) x) (iota 40)))
(define (pairs f) (map (lambda (i) (list (list (sin i) (cos i)) (f i))) (iota 40)))
"""
WRONG = [
    ("(universal-patterns {:a (list t t)} :seed -4)", "range"),
    ("(adapter-apply (make-adapter 'v {:v '(((1e30 0)) ((1) (0)))}) '(1e30 1))", "range"),
    ('(adapter-export (make-adapter \'v {"a b/.." \'(2 2)}) "nowhere")', "range"),
    ('(adapter-export t "a\\x0;b")', "disk"),
    ("(make-adapter 'v {:q '(100000000 100000000)})", "range"),
    ("(make-adapter 'v {:q '(4 4)} :alpha \"x\")", "type"),
    ("(make-adapter 'v {:q '(4 4)} :alpha +nan.0)", "type"),
    ("(make-adapter 'v {:q '(4 4)} :seed -1)", "range"),
    ("(make-adapter 'v {:q '(((1 1e300)) ((1) (0)))})", "range"),
    ("(adapter-apply t '(1 2) :onto '((1 2)))", "shape"),
    ("(adapter-apply t '(1 2) :onto '((1 2) (1 2) (3 4)))", "shape"),
    ("(adapter-apply t #(1 2 3))", "shape"),
    ("(adapter-apply 'x '(1 2))", "type"),
    ("(adapter-merge (list t wide))", "adapter"),
    ("(adapter-merge (list t t) :weights '(1 x))", "type"),
    ("(adapter-merge (list t t) :weights 5)", "type"),
    ("(adapter-merge (list t t) :weights '(1 +inf.0))", "type"),
    ("(adapter-merge (list t t) :rank 1.5)", "type"),
    ("(adapter-merge (list t t) :rank 'a)", "type"),
    ("(adapter-consolidate t wide)", "adapter"),
    ("(adapter-train! 'car (pairs (lambda (i) (list (sin i) 0))))", "name"),
    ("(adapter-train! 5 (pairs (lambda (i) (list (sin i) 0))))", "type"),
    ("(adapter-train! 'n (pairs (lambda (i) (list 1e200 i))))", "range"),
    ("(adapter-train! 'n (pairs (lambda (i) (list (sin i) 0))) :seed -1)", "range"),
    ('(migrate! \'t :strength "x")', "type"),
    ("(migrate! 't :universality 'x)", "type"),
    ("(migrate! 't :strength +nan.0)", "range"),
    ("(migrate! 'car :adapter t)", "name"),
    ("(resonance (list t t t) :bad -1)", "range"),
    ("(resonance (list t t t) :bad 3)", "range"),
    ("(resonance (list t t t) :bad 1.5)", "range"),
    ("(training-health (numbers 'a) (numbers 1) (numbers 0))", "type"),
    ("(adapter-share (list t t) :mode 'public :rank 0)", "range"),
    ("(adapter-share t :mode 'public)", "type"),
    ("(privacy-spent 5)", "type"),
    ("(privacy-spent '(1 x))", "type"),
    ('(adapter-export t "")', "input"),
    ('(adapter-import "")', "input"),
]


@pytest.fixture(scope="module")
def session() -> Session:
    made = opened()
    list(made.run(START, "test"))
    return made


@pytest.mark.parametrize(("form", "code"), WRONG)
def test_it_is_refused_by_name(session: Session, form: str, code: str) -> None:
    with pytest.raises(ChorusError) as refused:
        session.eval(form)
    told = f"{refused.value} {refused.value.hint}"
    assert refused.value.code == code, told
    assert "report this" not in told and "%" not in told


def test_what_is_told_of_noise_keeps_its_digits(session: Session) -> None:
    stated = "(hash-ref (hash-ref (adapter-share (list t t) :mode 'team :delta 1e-7) :stated) :delta)"
    assert session.eval(stated) == 1e-7


def test_a_run_that_broke_is_not_healthy(session: Session) -> None:
    for broken in ("+nan.0", "+inf.0"):
        told = f"(training-health (numbers {broken}) (numbers 1) (numbers 1))"
        assert session.eval(f"(eq? (hash-ref {told} :state) 'at-risk)") is True
        assert session.eval(f"(hash-ref {told} :risk)") == 1
    assert (
        session.eval("(hash-ref (training-health (numbers 1) (numbers 1) (numbers 1)) :state)").name
        == "healthy"
    )


def test_pairs_of_nothing_but_zeros_teach_nothing(session: Session) -> None:
    told = "(adapter-train! 'n (map (lambda (i) (list (list 0 0) (list 0 0))) (iota 40)))"
    assert session.eval(f"(hash-ref {told} :accepted)") is False


def test_a_vector_is_applied_to_as_a_list_is(session: Session) -> None:
    assert session.eval("(equal? (adapter-apply t #(1 2)) (adapter-apply t '(1 2)))") is True


def written(folder: Path) -> Path:
    """A folder of PEFT's with one layer."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    key = "base_model.model.v.lora_{}.weight"
    save_file(
        {key.format("A"): torch.ones(1, 2), key.format("B"): torch.ones(3, 1)},
        folder / "adapter_model.safetensors",
    )
    settings = {"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": ["v"]}
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return folder


SETTINGS = [
    {"lora_alpha": [1]},
    {"lora_alpha": "x"},
    {"lora_alpha": True},
    {"rank_pattern": 5},
    {"alpha_pattern": [1]},
]


@pytest.mark.parametrize("wrong", SETTINGS)
def test_wrong_settings_are_told(session: Session, tmp_path: Path, wrong: dict[str, object]) -> None:
    path = written(tmp_path / "a") / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | wrong))
    refused_file(session, path.parent, next(iter(wrong)) if "pattern" in str(wrong) else "α")


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
@pytest.mark.parametrize("how", ["missing", "folder", "empty", "zeros"])
def test_files_that_are_none_are_told(session: Session, tmp_path: Path, name: str, how: str) -> None:
    path = written(tmp_path / "a") / name
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how != "missing":
        path.write_bytes(b"" if how == "empty" else bytes(64))
    refused_file(session, path.parent, "")


def refused_file(session: Session, folder: Path, said: str) -> None:
    with pytest.raises(ChorusError) as refused:
        session.eval("(adapter-import folder)", folder=str(folder))
    assert refused.value.code == "input" and said in str(refused.value)
    assert "report this" not in str(refused.value.hint)


def test_numbers_of_half_the_width_come_in(session: Session, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    path = written(tmp_path / "a") / "adapter_model.safetensors"
    wide = load_file(path)
    for kind in (torch.bfloat16, torch.float16):
        save_file({name: each.to(kind) for name, each in wide.items()}, path)
        applied = "(adapter-apply (adapter-import folder) '(1 2))"
        assert list(session.eval(applied, folder=str(path.parent))) == [3.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("(universal-patterns 5)", "universal-patterns"),
        ("(map universal-patterns '(5))", "universal-patterns"),
        ('(universal-patterns {} :q "much")', "universal-patterns"),
        ("(%universal 5 1 2)", "universal"),
    ],
)
def test_an_error_speaks_of_what_was_called_not_of_its_part(form: str, name: str, tmp_path: Path) -> None:
    with Session(workspace=tmp_path) as session, pytest.raises(ChorusError, match=r"should be") as told:
        session.eval(form)
    assert told.value.message.startswith(name + ":")


def test_a_home_is_the_same_for_export_and_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with opened() as session:
        session.eval(START)
        session.eval('(adapter-export t "~/peft")')
        assert session.eval('(adapter-apply (adapter-import "~/peft") \'(0 1))') == [2, 1]
    assert (tmp_path / "peft").is_dir() and not (tmp_path / "~").exists()


@pytest.mark.parametrize("layer", ["forward", "training", "x..q"])
def test_a_file_of_layers_that_no_model_can_have_is_refused(layer: str, tmp_path: Path) -> None:
    save_file = pytest.importorskip("safetensors.numpy").save_file
    with opened() as session:
        session.eval(START)
        session.eval("(adapter-export t folder)", folder=str(tmp_path))
        factors = {f"base_model.model.{layer}.lora_{part}.weight": np.ones((1, 1), "f4") for part in "AB"}
        save_file(factors, tmp_path / "adapter_model.safetensors")
        with pytest.raises(ChorusError) as told:
            session.eval("(adapter-import folder)", folder=str(tmp_path))
        assert told.value.code == "input"


def test_those_who_have_nothing_in_common_do_not_agree() -> None:
    with opened() as session:
        apart = "(make-adapter 'v {:%s '(((1 0)) ((1) (0)))})"
        told = session.eval(f"(hash-ref (resonance (list {' '.join(apart % at for at in 'abc')})) :reading)")
        assert told == "0 of 3 agree"
