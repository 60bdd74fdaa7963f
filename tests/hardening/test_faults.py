"""Processes killed at random moments, two at once, too little memory, too little disk, clocks that
jump: what was reported stays, nothing half-made can be loaded, and the next one goes on."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eval.records import Records
from eval.run_folder import RunFolder
from eval.run_summary import summarize
from index.corrections import correction_of
from index.errors import StoreError
from index.store import Store
from index.verify import verify
from quantize.checkpoint import is_quantized, read_manifest
from tests.hardening import folders
from tests.hardening.known import Known, View
from tests.hardening.nursery import Ended, Nursery
from tests.hardening.plain_embedder import PlainEmbedder
from tests.hardening.work import Step, embedder, take_step
from tests.milvus_server import MilvusServer

pytestmark = pytest.mark.hardening

Tries = Callable[[int], int]
_KILLS_A_STORE = 25


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as begun:
        yield begun


@pytest.fixture(scope="module")
def model_makers() -> Iterator[Nursery]:
    with Nursery(
        "quantize.quantize",
        "optimum.intel",
        "openvino",
        "nncf",
        "transformers.models.auto.modeling_auto",
    ) as begun:
        yield begun


def view_of(store: Store) -> View:
    """The same, as a store shows it."""
    shown: View = {}
    for document in store.documents():
        line = next(x for x in store.page_text(document.id, 3).split("\n") if "Inventories" in x)
        kept = correction_of(store.database, document.sha256).company
        shown[document.name] = (line, document.company, kept)
    return shown


def check_store(folder: Path, model: str = "") -> View:
    """What it shows, after verifying that nothing is wrong that it cannot mend."""
    with Store.open(folder, embedder(model)) as store:
        assert [finding for finding in verify(store) if not finding.mended] == []
        assert list(verify(store)) == []
        shown = view_of(store)
        found = store.hits(dict(store.dense("inventories", None, 1000)))
        assert {hit.doc for hit in found} == set(shown)
        return shown


def test_killed_while_changing_a_store(
    nursery: Nursery, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    """Adding, replacing, removing, correcting: the store is as after the last step that was
    reported, or as after the next one."""
    counted = tally("faults: killed while a store changes")
    kill_while_changing(nursery, counted, tries(360), tmp_path, 0.5)


def test_killed_while_embedding(
    embedder_folder: Path, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    """The same with the packaged embedder, which takes most of the time of adding."""
    counted = tally("faults: killed while a store changes, real embedder")
    with Nursery("sentence_transformers") as begun:
        kill_while_changing(begun, counted, tries(60), tmp_path, 3, str(embedder_folder))


def test_killed_while_changing_a_store_in_milvus(tally: Any, tries: Tries, tmp_path: Path) -> None:
    """The same where the vectors are searched on a server."""
    counted = tally("faults: killed while a store changes, vectors in Milvus")
    server = MilvusServer(tmp_path / "milvus")

    def prepare(store: Path) -> None:
        Store.open(store, PlainEmbedder(), milvus=server.address).close()

    try:
        with Nursery("pymilvus") as begun:
            kill_while_changing(begun, counted, tries(40), tmp_path / "x", 0.5, prepare=prepare)
    finally:
        server.close()


def kill_while_changing(
    nursery: Nursery,
    counted: Any,
    times: int,
    folder: Path,
    seconds: float,
    model: str = "",
    prepare: Callable[[Path], None] = lambda _: None,
) -> None:
    """Kill within so many seconds of the opening, again and again, and look at the store, which
    `prepare` may have made."""
    known = Known()
    for n in range(times):
        rng = random.Random(f"store {n}")
        if n % _KILLS_A_STORE == 0:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            prepare(folder / "store")
            known = Known()
        steps = known.steps(rng, 40)
        nursery.begin("change_store", str(folder / "store"), str(folder), steps, model)
        if rng.random() < 0.9:
            nursery.told()
        ended = nursery.kill_after(rng.uniform(0, seconds))
        assert ended.killed or ended.status == 0, f"try {n}: {ended.told}"
        done = [int(line) for line in ended.told if line != "opened"]
        assert done == list(range(len(done)))
        for step in steps[: len(done)]:
            known.take(step)
        shown = check_store(folder / "store", model) if ended.told else None
        if shown is not None and shown != known.view():
            assert len(done) < len(steps), f"try {n}: {shown} is not {known.view()}"
            known.take(steps[len(done)])
            assert shown == known.view(), f"try {n}, killed in {steps[len(done)]}"
        counted.add("killed" if ended.killed else "at their end before that")
        counted.add("changes reported and there", len(done))


def test_killed_while_rebuilding(
    nursery: Nursery, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    """Whenever it was killed, the store is there, or who asks for it is told to rebuild again."""
    counted = tally("faults: killed while a store is built anew")
    good = folders.store(tmp_path / "good")
    with Store.open(good, PlainEmbedder()) as store:
        before = {d.name: d.company for d in store.documents()}
    for n in range(tries(40)):
        rng = random.Random(f"rebuild {n}")
        for left in tmp_path.glob("store*"):
            shutil.rmtree(left)
        shutil.copytree(good, tmp_path / "store")
        for _ in range(3):
            nursery.begin("rebuild_store", str(tmp_path / "store"))
            nursery.told()
            ended = nursery.kill_after(rng.uniform(0, 0.12))
            counted.add("killed" if ended.killed else "at their end before that")
            try:
                with Store.open(tmp_path / "store", PlainEmbedder()) as store:
                    assert {d.name: d.company for d in store.documents()} == before, f"try {n}"
            except StoreError as error:
                assert "tenq index rebuild" in str(error), f"try {n}"
        nursery.begin("rebuild_store", str(tmp_path / "store"))
        ended = nursery.end()
        if any("left of an earlier rebuild" in line for line in ended.told):
            shutil.rmtree(tmp_path / "store.old")  # as it says
        with Store.open(tmp_path / "store", PlainEmbedder(), create=False) as store:
            assert {d.name: d.company for d in store.documents()} == before, f"try {n}"
            assert list(verify(store)) == []


def test_killed_while_keeping_answers(
    nursery: Nursery, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    counted = tally("faults: killed while answers are kept")
    file = tmp_path / "answers.jsonl"
    reported: set[str] = set()
    for n in range(tries(40)):
        rng = random.Random(f"records {n}")
        nursery.begin("answer_records", str(file), 1000 * n, 1000)
        nursery.told()
        ended = nursery.kill_after(rng.uniform(0, 0.1))
        reported |= {line for line in ended.told if line != "opened"}
        records = Records(file)
        assert all(records.get(key) for key in reported), f"try {n}"
        assert len(records) - len(reported) <= n + 1  # on disk, but killed before it could say so
        counted.add("killed" if ended.killed else "at their end before that")
    counted.add("answers reported and there", len(reported))


def test_killed_while_a_plan_runs(
    nursery: Nursery, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    """Begun again, it comes to the same as one that was never stopped."""
    counted = tally("faults: killed while an evaluation runs")
    whole = summarize(RunFolder(folders.run_folder(tmp_path / "good")))
    plan = tmp_path / "good-plan" / "plan.toml"
    for n in range(tries(20)):
        rng = random.Random(f"run {n}")
        out = tmp_path / f"run-{n}"
        for _ in range(3):
            nursery.begin("carry_out_run", str(plan), str(out))
            nursery.told()
            ended = nursery.kill_after(rng.uniform(0, 0.15))
            counted.add("killed" if ended.killed else "at their end before that")
        nursery.begin("carry_out_run", str(plan), str(out))
        assert nursery.end().told[-1] == "done"
        assert summarize(RunFolder(out))["results_sha256"] == whole["results_sha256"], f"try {n}"


def check_models(folder: Path) -> None:
    """Whatever is in its place is whole."""
    for path in folder.iterdir():
        if ".building-" not in path.name:
            read_manifest(path)


def test_killed_while_quantizing(
    model_makers: Nursery, tiny_llm: Path, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    counted = tally("faults: killed while quantizing")
    out, longest_s = tmp_path / "model", 6.0
    for n in range(tries(40)):
        rng = random.Random(f"quantize {n}")
        shutil.rmtree(out, ignore_errors=True)
        model_makers.begin("quantize_model", str(tiny_llm), rng.choice(("int8", "int4")), str(out))
        model_makers.told()
        ended = model_makers.kill_after(rng.uniform(0, longest_s))
        check_models(tmp_path)
        if "done" in ended.told:
            assert is_quantized(out)
            longest_s *= 0.8
        counted.add("killed" if ended.killed else "at their end before that")
    shutil.rmtree(out, ignore_errors=True)
    model_makers.begin("quantize_model", str(tiny_llm), "int8", str(out))
    assert model_makers.end().told[-1] == "done"
    check_models(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]  # what was left is cleared


def test_too_little_memory_for_quantizing(
    model_makers: Nursery, tiny_llm: Path, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    """The process may be ended by the system or say so: no half model is left to be loaded."""
    counted = tally("faults: too little memory for quantizing")
    for n in range(tries(40)):
        rng = random.Random(f"memory {n}")
        out = tmp_path / "model"
        shutil.rmtree(out, ignore_errors=True)
        limit = int(2 ** rng.uniform(20, 34))
        model_makers.begin("quantize_model", str(tiny_llm), "int8", str(out), limit)
        ended = model_makers.end()
        check_models(tmp_path)
        last = ended.told[-1] if ended.told else ""
        if last.startswith("failed"):
            assert "MemoryError" in last, f"try {n}: {last}"
            assert not out.exists()
        counted.add({"done": "made all the same"}.get(last, "refused or ended"))


def test_disk_full_while_adding(nursery: Nursery, tally: Any, tries: Tries, tmp_path: Path) -> None:
    """One line, and the store is as it was."""
    counted = tally("faults: no room on the disk")
    known = Known()
    for step in (("add", "Alder", 200), ("add", "Birch", 200)):
        with Store.open(tmp_path / "store", PlainEmbedder()) as store:
            take_step(store, tmp_path, step)
        known.take(step)
    for n in range(tries(120)):
        rng = random.Random(f"disk {n}")
        step = known.steps(rng, 1)[0]
        limit = int(2 ** rng.uniform(8, 18))
        nursery.begin("add_under_limit", str(tmp_path / "store"), str(tmp_path), limit, step)
        ended = nursery.end()
        last = ended.told[-1]
        assert last == "done" or (last.startswith("refused") and "\n" not in last), f"{n}: {last}"
        if last == "done":
            known.take(step)
        assert check_store(tmp_path / "store") == known.view(), f"try {n}: {step}: {last}"
        counted.add("room enough" if last == "done" else "refused in one line")


def test_two_processes_change_one_store(
    nursery: Nursery, tally: Any, tries: Tries, tmp_path: Path
) -> None:
    """Each does as it was told; a file that both add is there once."""
    counted = tally("faults: two processes write one store")
    with Nursery() as other:
        for n in range(tries(30)):
            folder = tmp_path / str(n)
            folder.mkdir()
            for m in (0, 1):
                (folder / str(m)).mkdir()
            both: Step = ("add", "Hazel", 200)
            ones: list[Step] = [("add", "Alder", 200), both, ("remove", "Alder"), ("add", "Elm", 1)]
            twos: list[Step] = [both, ("add", "Birch", 200), ("correct", "Birch", "Birch Group")]
            for begun, m, steps in ((nursery, 0, ones), (other, 1, twos)):
                begun.begin("change_store", str(folder / "store"), str(folder / str(m)), steps)
            ends: list[Ended] = [nursery.end(), other.end()]
            assert [end.status for end in ends] == [0, 0], [end.told for end in ends]
            shown = check_store(folder / "store")
            assert set(shown) == {"hazel-2023", "elm-2023", "birch-2023"}, f"try {n}"
            assert shown["birch-2023"][1] == "Birch Group"
            counted.add("pairs")


def test_clocks_that_jump(
    tally: Any, tries: Tries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File times and the clock, years ahead or behind, change nothing of what a store does."""
    counted = tally("faults: clocks that jump")
    known = Known()
    jump = [0.0]
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump[0])
    for n in range(tries(60)):
        rng = random.Random(f"clock {n}")
        jump[0] = rng.choice((0, -1, 1)) * rng.uniform(0, 3e8)
        with Store.open(tmp_path / "store", PlainEmbedder()) as store:
            for step in known.steps(rng, 3):
                take_step(store, tmp_path, step)
                known.take(step)
        for path in tmp_path.rglob("*"):
            at = now() + rng.choice((-1, 1)) * rng.uniform(0, 1e9)
            os.utime(path, (at, at))
        assert check_store(tmp_path / "store") == known.view(), f"try {n}"
        counted.add("jumps")
