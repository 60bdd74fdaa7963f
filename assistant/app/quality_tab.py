"""The Quality tab: the latest evaluation run, others, and a short one of the chat's own models."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.app.problems import one_line
from assistant.app.quality import LEAST, MOST, USUAL, ShortEvaluation
from assistant.app.quality_html import (
    frame_html,
    nothing_html,
    problems_html,
    progress_html,
    summary_html,
)
from assistant.app.runs import Run, Runs
from assistant.app.session import Desk
from assistant.home import home

_POLL_S = 1.0
_NOTE = (
    '<div class="tq-note">Asks the models of this chat for figures of the library’s statements, '
    "with the table that states each, and takes turns with readers’ questions. It shows gross "
    "loss; a loss of a few percent takes thousands of questions: <code>tenq eval run</code>.</div>"
)


def add_quality_tab(desk: Desk, tab: gr.Tab) -> None:
    """Build the inside of `tab`. Runs are looked for whenever it is opened."""
    runs = Runs(home() / "evaluations")
    evaluation = ShortEvaluation(desk, runs.folder)
    shown = gr.State(None)
    timer = gr.Timer(_POLL_S, active=False)
    with gr.Row(elem_classes="tq-options"):
        chosen = gr.Dropdown(label="Evaluation run", elem_id="runs", scale=6, min_width=240)
        refresh = gr.Button("Refresh", size="sm", elem_id="refresh", min_width=90, scale=0)
        download = gr.DownloadButton(
            "Report as HTML", size="sm", elem_id="report-file", min_width=140, scale=0
        )
    summary = gr.HTML(elem_id="quality-summary", apply_default_css=False)
    with gr.Row(elem_classes="tq-options tq-short"):
        count = gr.Number(
            USUAL,
            label=f"Questions ({LEAST} to {MOST})",
            minimum=LEAST,
            maximum=MOST,
            precision=0,
            elem_id="short-count",
            min_width=200,
            scale=0,
        )
        begin = gr.Button(
            "Run short evaluation", variant="primary", elem_id="short", min_width=250, scale=0
        )
        stop = gr.Button(
            "Stop", variant="stop", elem_id="short-stop", min_width=90, scale=0, visible=False
        )
        with gr.Column(min_width=240):
            gr.HTML(_NOTE)
    progress = gr.HTML(elem_id="short-progress", apply_default_css=False)
    frame = gr.HTML(elem_id="quality-report", apply_default_css=False)
    moving = [progress, begin, stop, timer]
    outputs = [chosen, summary, frame, download, shown, *moving]

    def moved() -> list[Any]:
        now = evaluation.progress
        buttons = [gr.update(visible=not now.running), gr.update(visible=now.running)]
        return [progress_html(now), *buttons, gr.Timer(active=now.running)]

    def look(name: str | None, seen: Any) -> list[Any]:
        """Show the run `name`, else the newest that can be shown; nothing anew where it is `seen`
        already, so that the reader's place in it is kept."""
        found, problems = runs.all()
        named = [run for run in found if run.name == name]
        resting = [run for run in found if run.state != "running"]
        run = next(iter([*named, *resting, *found]), None)
        choices = [(each.label, each.name) for each in found]
        pick = gr.update(choices=choices, value=run.name if run else None, visible=bool(found))
        now = (run, problems)
        if run and now == seen:
            return [pick, *(gr.skip() for _ in outputs[1:5]), *moved()]
        cache = Path(download.GRADIO_CACHE)
        return [pick, *_shown(runs, run, problems, cache), now, *moved()]

    def start(questions: float | None) -> list[Any]:
        if questions is None:
            gr.Info(f"Say how many questions: {LEAST} to {MOST}.")
        elif not evaluation.start(int(questions)):
            gr.Info("An evaluation is running already: one at a time, for all readers.")
        return moved()

    def follow(name: str | None, seen: Any) -> list[Any]:
        now = evaluation.progress
        if now.running:
            return [*(gr.skip() for _ in outputs[:5]), *moved()]
        return look(now.run or name, seen)

    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    gr.on([tab.select, refresh.click, chosen.input], look, [chosen, shown], outputs, **hidden)
    begin.click(start, count, moving, **hidden)
    stop.click(evaluation.stop, queue=False, **hidden).then(moved, None, moving, **hidden)
    timer.tick(follow, [chosen, shown], outputs, queue=False, **hidden)


def _shown(runs: Runs, run: Run | None, problems: list[str], cache: Path) -> list[Any]:
    """Values for summary, frame and download, whose file goes into the app's own `cache`."""
    gone = gr.update(value=None, visible=False)
    if run is None:
        return [nothing_html(problems), "", gone]
    try:
        report = runs.report(run)
        said = problems_html(problems) + summary_html(report.summary)
        file = _file(report.page.encode("utf-8"), cache / "reports")
    except Exception as error:
        return [problems_html([one_line(error), *problems]), "", gone]
    return [said, frame_html(report.page), gr.update(value=str(file), visible=True)]


def _file(page: bytes, folder: Path) -> Path:
    """Under a name that only who has read the report can know: any file of the cache is given to
    whoever asks for it."""
    own = folder / hashlib.sha256(page).hexdigest()
    own.mkdir(parents=True, exist_ok=True)
    file = own / "tenq-evaluation.html"
    file.write_bytes(page)
    return file
