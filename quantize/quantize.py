"""OPEN LLM -> SMALLER LLM: bring the model, quantize it, save it, and prove the save."""

from __future__ import annotations

import contextlib
import errno
import gc
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from quantize.building import building
from quantize.calibration import FILE as CALIBRATION_FILE
from quantize.calibration import Calibration
from quantize.checkpoint import Manifest, file_sizes, is_quantized, read_manifest, versions
from quantize.errors import CheckpointError, QuantizationError, SchemeError, first_line
from quantize.greedy import (
    PROMPT,
    backend,
    greedy_tokens,
    greedy_tokens_in_new_process,
)
from quantize.mixed import GROUP_SIZE, check_names
from quantize.peak import PeakMemory
from quantize.plan import Plan
from quantize.probe import empty_model, matrices
from quantize.room import check_making, weight_bytes
from quantize.schemes import GROUP_SIZES, SCHEMES, Scheme, mixed, scheme_named
from quantize.sources import Source, bring, config_of, folder_bytes

_WEIGHTS = {"openvino": "openvino_model.bin", "bitsandbytes": "*.safetensors"}


def quantize(
    model: str,
    scheme: Scheme | str,
    out: Path | None,
    models_dir: Path,
    check: bool = True,
    plan: Plan | None = None,
    calibration: Calibration | None = None,
) -> tuple[Path, Manifest]:
    """Quantize MODEL by the scheme, or by `plan` if given, into `out` (default:
    models_dir/<name>/<scheme>). `calibration` is for schemes that need it, and for plans, which
    are then rounded with it. The texts that a plan was chosen by are kept with the model like
    these: it is not to be measured on either.

    Returns the folder and its manifest. The folder appears only once it is whole; one already
    there from the same source and scheme is returned as it is. With `check`, the saved model is
    loaded in a new process and must give the same greedy tokens as the one just made.
    Raises QuantizationError with one line to mend it.
    """
    if plan:
        scheme = mixed(plan.layers, calibration is not None)
    elif isinstance(scheme, str):
        scheme = scheme_named(scheme)
    if not plan:
        check_calibration(scheme, calibration is not None)
    source = bring(model, models_dir)
    if plan:
        check_plan(plan, source)
    target = place_of(source, scheme, out, models_dir)
    seen = _seen(calibration, plan)
    if manifest := check_place(target, source, scheme):
        _check_same(target, manifest, scheme, seen)
        return target, manifest
    check_fits(source, scheme, target)
    try:
        with building(target) as folder, PeakMemory() as peak:
            manifest = _make(source, scheme, folder, check, calibration, seen, peak)
    except QuantizationError:
        raise
    except Exception as error:  # each library raises its own kinds on a model it cannot take
        if isinstance(error, OSError) and _is_writing(error, target):
            raise QuantizationError(f"cannot write {target}: {error.strerror or error}") from error
        raise SchemeError(
            f"{scheme.name} does not work on {source.model}: {first_line(error)}"
        ) from error
    return target, manifest


def quantize_apart(
    model: str,
    scheme: str,
    out: Path | None,
    models_dir: Path,
    check: bool = True,
    calibration: Calibration | None = None,
) -> Path:
    """`quantize` in a process of its own, for several models one after another: what the libraries
    took of memory for one is not all given back while their process lives. Returns the folder."""
    work = partial(quantize, model, scheme, out, models_dir, check, calibration=calibration)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        try:
            return process.submit(_folder, work).result()
        except BrokenProcessPool as error:
            raise QuantizationError(
                f"the process that made {scheme} of {model} was ended; the system may have run out "
                "of memory: close other programs, or choose a smaller model"
            ) from error


def place_of(source: Source, scheme: Scheme, out: Path | None, models_dir: Path) -> Path:
    """Where the model goes."""
    return out or models_dir / source.name / scheme.name


def place_by_texts(
    source: Source, scheme: Scheme, models_dir: Path, calibration: Calibration
) -> Path:
    """Where a model goes that does not take the place of one calibrated on other texts: the usual
    folder, or where that holds such a one, a folder named after these texts."""
    usual = place_of(source, scheme, None, models_dir)
    if not (scheme.calibrated and is_quantized(usual)):
        return usual
    texts = (read_manifest(usual).calibration or {}).get("sha256")
    return usual if texts == calibration.sha256 else Path(f"{usual}-{calibration.mark}")


def check_place(target: Path, source: Source, scheme: Scheme) -> Manifest | None:
    """Before the work begins: the manifest of the model in `target`, of this scheme and source;
    None where nothing is there. QuantizationError where something else is."""
    if not target.exists():
        return None
    if not is_quantized(target):
        raise QuantizationError(f"{target} is not a model made by tenq; choose another --out")
    try:
        manifest = read_manifest(target)
    except CheckpointError as error:
        raise CheckpointError(f"{error} after deleting {target}") from error
    if manifest.scheme != scheme.name or manifest.source["sha256"] != source.sha256:
        raise _holds_another(target, manifest)
    return manifest


def check_fits(source: Source, scheme: Scheme, target: Path) -> None:
    """Before the work begins: the scheme suits the model's layers, and there are memory and disk
    to make it in `target`. SchemeError or SourceError."""
    _known_architecture(source)
    _check_groups(source, scheme)
    check_making(source, scheme, target)


def _folder(work: Callable[[], tuple[Path, Manifest]]) -> Path:
    return work()[0]


def check_calibration(scheme: Scheme, calibrated: bool) -> None:
    """Before the work begins: the scheme goes together with texts being given or not."""
    if scheme.calibrated and not calibrated:
        raise SchemeError(
            f"{scheme.name} is calibrated: give --calibration PATH, a store, a folder of filings "
            "or a JSONL of texts"
        )
    if calibrated and not scheme.calibrated:
        needing = ", ".join(name for name, each in SCHEMES.items() if each.calibrated)
        raise SchemeError(f"{scheme.name} takes no --calibration; those that do: {needing}")


def check_plan(plan: Plan, source: Source) -> None:
    """Before the work begins: the plan is the model's, and so are its layers. SchemeError."""
    if plan.sha256 != source.sha256:
        raise SchemeError(
            f"the plan was made for another model ({plan.model}), not for {source.model}"
        )
    _known_architecture(source)
    try:
        model = empty_model(source.folder)
    except Exception as error:  # transformers raises its own kinds on a config it cannot take
        raise SchemeError(f"{source.model} cannot be read: {first_line(error)}") from error
    # What else the plan names may be of a kind that only the export knows for a matrix.
    there = {name for name, _ in (*model.named_modules(), *model.named_parameters())}
    check_names(plan.layers, matrices(model) | dict.fromkeys(plan.layers.keys() & there))


def _seen(calibration: Calibration | None, plan: Plan | None) -> Calibration | None:
    """All texts the model comes from: those that round it and those that chose its plan."""
    chosen_by = plan.calibration if plan else None
    if calibration and chosen_by:
        return calibration.joined(chosen_by)
    return calibration or chosen_by


def _check_groups(source: Source, scheme: Scheme) -> None:
    """A group size that was asked for has to divide the model's layers."""
    size = scheme.parameters.get("group_size", GROUP_SIZE)
    if size == GROUP_SIZE:
        return  # the usual one; layers that it does not fit get a smaller one
    widths = _widths(config_of(source))
    odd = [width for width in widths if width % size]
    if odd:
        fitting = [str(n) for n in GROUP_SIZES if not any(width % n for width in widths)]
        raise SchemeError(
            f"groups of {size} do not divide {source.name}'s {odd[0]} inputs; choose "
            f"--group-size {' or '.join(fitting) or GROUP_SIZE}"
        )


def _widths(config: Mapping[str, Any]) -> list[int]:
    """How many inputs the layers have, as far as the config tells; attention's last one has those
    of all heads together, which need not be the model's width."""
    hidden, heads = config.get("hidden_size") or 0, config.get("num_attention_heads") or 0
    head = config.get("head_dim") or (hidden // heads if heads else 0)
    return [n for n in (hidden, config.get("intermediate_size") or 0, heads * head) if n]


def _is_writing(error: OSError, target: Path) -> bool:
    """Whether the system refused to write, rather than a library to read the model."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG):
        return True
    file = str(error.filename or "")
    return file.startswith(f"{target}.building-") or Path(file) in (target, *target.parents)


def _check_same(target: Path, manifest: Manifest, scheme: Scheme, seen: Calibration | None) -> None:
    """The model in `target` is by the same plan, if by one, and has seen the same texts."""
    if scheme.name == "mixed" and manifest.parameters != dict(scheme.parameters):
        raise _holds_another(target, manifest)
    if (manifest.calibration or {}).get("sha256") != (seen.sha256 if seen else None):
        raise _holds_another(target, manifest, ", calibrated otherwise")


def _holds_another(target: Path, manifest: Manifest, how: str = "") -> QuantizationError:
    return QuantizationError(
        f"{target} holds another model ({manifest.name}, {manifest.scheme}{how}); choose another "
        "--out or delete it"
    )


def _make(
    source: Source,
    scheme: Scheme,
    out: Path,
    check: bool,
    calibration: Calibration | None,
    seen: Calibration | None,
    peak: PeakMemory,
) -> Manifest:
    start = time.monotonic()
    use = backend(scheme.backend)
    with _progress_on_stderr():
        made = use.quantize(source.folder, scheme, out, _ids(source, calibration))
    if seen:
        (out / CALIBRATION_FILE).write_text(seen.lines, encoding="utf-8")
    greedy, layers = None, use.layers(out, made)
    if check:  # after saving: see bitsandbytes_backend
        tokens = greedy_tokens(made, out)
        del made  # so that not both processes hold it
        gc.collect()
        if greedy_tokens_in_new_process(out, scheme.backend) != tokens:
            raise CheckpointError(
                f"{source.model} as {scheme.name}: the saved model answers differently from the "
                "one just made; nothing was kept (a defect of the backend on this machine)"
            )
        greedy = {"prompt": PROMPT, "token_ids": tokens}
    manifest = Manifest(
        name=source.name,
        source={
            "model": source.model,
            "kind": source.kind,
            "sha256": source.sha256,
            "rebuilt_from": source.rebuilt_from,
        },
        scheme=scheme.name,
        backend=scheme.backend,
        parameters=dict(scheme.parameters),
        versions=versions(),
        layers=layers,
        bytes_before=weight_bytes(source),
        bytes_after=folder_bytes(out, _WEIGHTS[scheme.backend]),
        greedy_check=greedy,
        calibration=seen.about() if seen else None,
        seconds=round(time.monotonic() - start, 1),
        peak_memory_bytes=peak.bytes,
        files=file_sizes(out),
    )
    manifest.write(out)
    return manifest


def _ids(source: Source, calibration: Calibration | None) -> list[list[int]]:
    from transformers import AutoTokenizer

    if calibration is None:
        return []
    return calibration.ids(AutoTokenizer.from_pretrained(source.folder))


def _known_architecture(source: Source) -> None:
    """Fail early, with one line, on a checkpoint transformers has no code of its own for."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    kind = config_of(source).get("model_type")
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise SchemeError(
            f"{source.model} is of the architecture {kind!r}, which this version of transformers "
            "does not know as a language model; choose another model"
        )


@contextlib.contextmanager
def _progress_on_stderr() -> Iterator[None]:
    """The libraries' progress bars on stderr, where progress belongs; their asides nowhere."""
    logging.getLogger("nncf").setLevel(logging.ERROR)
    logging.getLogger("optimum").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
