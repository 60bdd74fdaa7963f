"""WHAT WATCHES THE DESK: counts of answers, readers' opinions, second answers, disagreements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant.app.feedback import Feedback
from assistant.app.judged import keep_disagreement
from assistant.app.monitor import Monitor
from assistant.app.reply import Comparison
from assistant.app.session import Desk
from assistant.app.shadow import ALLOWED, Shadow
from assistant.errors import AssistantError


@dataclass(frozen=True)
class Watched:
    """What becomes data goes into `folder`. `shadow` is None where nothing is asked again. `texts`:
    whether the page may show what anyone asked and was answered, because it has one reader only."""

    folder: Path
    monitor: Monitor
    feedback: Feedback
    shadow: Shadow | None
    texts: bool

    def close(self) -> None:
        """End what runs."""
        if self.shadow:
            self.shadow.close()


def watch(
    desk: Desk,
    counts: Path,
    folder: Path,
    share: float = 0.0,
    allowed: float = ALLOWED,
    *,
    keeps: bool,
    texts: bool,
) -> Watched:
    """Begin to watch: `counts` is the file of numbers, `folder` (evaluations) takes what becomes
    data. A `share` (0 to 1) of the questions is asked again; see `Shadow`. `keeps`: whether
    comparisons may be kept without being asked to. AssistantError for a share without a second
    model."""
    if share and "other" not in desk.models:
        raise AssistantError(
            "--shadow asks a second model again, and there is none; name it with --compare-with"
        )
    monitor = Monitor(counts)
    feedback = Feedback(folder / "feedback", monitor.judged)
    disagreements = folder / "disagreements"
    desk.ended.append(monitor.answered)
    if keeps:
        desk.compared.append(partial(_keep, disagreements))
    shadow = Shadow(desk, monitor, disagreements, share, allowed) if share else None
    if shadow:
        desk.ended.append(shadow.offer)
        shadow.start()
    return Watched(folder, monitor, feedback, shadow, texts)


def _keep(folder: Path, comparison: Comparison) -> None:
    left, right = comparison.left.answer, comparison.right.answer
    if comparison.agree is False and left and right:
        keep_disagreement(folder, comparison.question, left, right)
