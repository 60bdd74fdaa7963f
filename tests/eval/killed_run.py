"""Run by test_run in its own process, to be killed anywhere. Arguments: plan, run folder, seconds a
batch. The model named "small" does not find one row."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.engine import Engine, Messages, Usage
from eval.run import run_plan
from eval.run_plan import read_plan
from tests.eval.conftest import RowReader


class Slow(RowReader):
    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        time.sleep(float(sys.argv[3]))
        return super().generate(batch, max_new_tokens)


def load(model: str, models_dir: Path, dtype: str | None) -> Engine:
    name = Path(model).name
    return Slow(name, ("abfoundry",) if name == "small" else ())


plan, text = read_plan(Path(sys.argv[1]))
print("started", flush=True)
run_plan(plan, text, Path(sys.argv[1]).parent, Path(sys.argv[2]), None, Path("models"), load)
