"""`tenq models` and `tenq doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from assistant.index_commands import JsonOption, print_json

app = typer.Typer(help="The models that come as packages.", no_args_is_help=True)


@app.command("list")
def models_list(as_json: JsonOption = False) -> None:
    """The packaged models, their licences, and which of them are here."""
    from assistant.home import models_dir
    from quantize.packaged import PACKAGED

    rows: list[dict[str, Any]] = [
        {
            "name": m.name,
            "use": m.use,
            "what": m.what,
            "licence": m.licence,
            "bytes": m.bytes,
            "here": (models_dir() / m.name / "source").is_dir(),
            "note": m.note,
        }
        for m in PACKAGED.values()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        here = "here" if row["here"] else "not fetched"
        print(f"{row['name']:<20} {row['use']:<9} {row['bytes'] / 1e6:>6.0f} MB  {here:<12}")
        print(f"{'':<20} {row['what']}; {row['licence']}")
        if row["note"]:
            print(f"{'':<20} note: {row['note']}")
    print("\nAlso taken: a hub id (owner/name), a checkpoint folder, a .gguf file.")


@app.command("pull")
def models_pull(name: Annotated[str, typer.Argument(help="Packaged name or hub id.")]) -> None:
    """Fetch a model and check its SHA-256; what arrived before an interruption is kept."""
    from assistant.home import models_dir
    from quantize.packaged import PACKAGED, pull
    from quantize.sources import bring

    known = PACKAGED.get(name)
    embedder = known is not None and known.use == "embedder"
    print(pull(name, models_dir()) if embedder else bring(name, models_dir()).folder)


def doctor_command(
    billion: Annotated[
        float, typer.Option(min=0.01, help="The model's weights, in billions.")
    ] = 1.5,
    as_json: JsonOption = False,
) -> None:
    """What this machine has, memory bandwidth measured, and which scheme suits it."""
    from assistant.home import models_dir
    from quantize.machine import advise, inspect, report

    machine = inspect(models_dir())
    advice = advise(machine, int(billion * 1e9))
    if as_json:
        print_json({**machine.to_json(), "advice": [asdict(each) for each in advice]})
    else:
        print(report(machine, advice, f"a model of {billion:g} billion weights"))
