"""Good folders that Tenq makes and reads, small, to be spoilt: a store, a model, a run."""

from __future__ import annotations

from pathlib import Path


def manifest(folder: Path) -> bytes:
    """The manifest of the quantized model that `folder` pretends to hold; written there, too."""
    from quantize.checkpoint import MANIFEST_FILE, Manifest, file_sizes
    from quantize.layers import Layer

    Manifest(
        name="m",
        source={"model": "m", "kind": "folder", "sha256": "0" * 64, "rebuilt_from": None},
        scheme="int8",
        backend="openvino",
        parameters={"bits": 8},
        versions={"torch": "2.13.0"},
        layers=[Layer("model.layers.0.self_attn.q_proj", 8, (8, 8), 64)],
        bytes_before=2000,
        bytes_after=1000,
        greedy_check={"prompt": "The", "token_ids": [1, 2]},
        seconds=1.5,
        files=file_sizes(folder),
    ).write(folder)
    return (folder / MANIFEST_FILE).read_bytes()


def store(folder: Path) -> Path:
    """A store of three small filings, one corrected, with its FAISS file."""
    from index.corrections import correct, correction_from
    from index.store import Store
    from tests.hardening.plain_embedder import PlainEmbedder
    from tests.index.test_store import write_filing

    origin = folder.with_name(f"{folder.name}-filings")
    origin.mkdir()
    with Store.open(folder, PlainEmbedder()) as opened:
        for year in (2022, 2023, 2024):
            opened.add(write_filing(origin, "Valdor Valves Inc", year))
        correct(opened, 2, correction_from(company="Valdor Group"))
        opened.dense("inventories", None, 3)
    return folder


def run_folder(folder: Path) -> Path:
    """A finished evaluation run of two models."""
    from eval.run import run_plan
    from eval.run_plan import read_plan
    from tests.eval.conftest import RowReader
    from tests.eval.test_run import write_plan, write_questions

    base = folder.with_name(f"{folder.name}-plan")
    base.mkdir()
    write_questions(base, 6)
    names = []
    for name in ("full", "small"):
        model = base / name
        model.mkdir()
        for file in ("config.json", "tokenizer.json"):
            (model / file).write_text("{}")
        (model / "model.safetensors").write_bytes(name.encode())
        names.append(str(model))
    plan, text = read_plan(write_plan(base, *names))
    run_plan(plan, text, base, folder, None, base, lambda *named: RowReader(Path(named[0]).name))
    return folder
