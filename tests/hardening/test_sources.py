"""What the packages' own source must not do, and files of models and indexes that nobody vouches
for."""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.errors import IndexingError
from index.store import Store
from quantize.errors import QuantizationError
from quantize.sources import bring
from tests.assistant.conftest import write_filing
from tests.hardening.conftest import Tally

pytestmark = pytest.mark.hardening
ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("index", "quantize", "assistant", "eval")
# Whoever writes these files runs code where they are read.
RUNS_WHAT_IT_READS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
NAMED = ("AutoConfig", "AutoModelForCausalLM", "AutoTokenizer", "AutoModel")
LEFT_OPEN = {"xml.etree.ElementTree", "xml.dom.minidom", "xml.sax", "telnetlib", "ftplib"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def findings(tree: ast.Module) -> Iterator[str]:
    """What must not be there, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                bad = {alias.name for alias in names} & (RUNS_WHAT_IT_READS | LEFT_OPEN)
                yield from (f"{node.lineno}: imports {name}" for name in bad)
            case ast.ImportFrom(module=str(module)):
                if module.split(".")[0] in RUNS_WHAT_IT_READS or module in LEFT_OPEN:
                    yield f"{node.lineno}: imports {module}"
            case ast.Call():
                yield from (f"{node.lineno}: {said}" for said in _call(node))


def _call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    given = {word.arg: ast.unparse(word.value) for word in node.keywords if word.arg}
    if name in CALLS or name in ("os.system", "os.popen", "tempfile.mktemp"):
        yield f"calls {name}"
    if given.get("trust_remote_code", "False") != "False":
        yield "trusts a model's code"
    if name.endswith("torch.load") and given.get("weights_only") != "True":
        yield "unpickles weights"
    if given.get("allow_pickle", "False") != "False" or given.get("shell", "False") != "False":
        yield f"{name} runs what it is given"
    if given.get("verify", "True") == "False" or given.get("share", "False") != "False":
        yield f"{name} is open to others"
    if name == "yaml.load" or (given.get("resolve_entities") == "True"):
        yield f"{name} is not safe"


def test_no_source_runs_what_it_reads(tally: Callable[[str], Tally]) -> None:
    found = {path: list(findings(tree)) for path, tree in sources()}
    assert len(found) > 150
    assert {path: said for path, said in found.items() if said} == {}
    tally("sources").add("files read", len(found))


def test_the_reading_finds_what_it_should() -> None:
    planted = {
        "import pickle": "imports",
        "from joblib import load": "imports",
        "eval(text)": "calls eval",
        "AutoModel.from_pretrained(x, trust_remote_code=True)": "trusts",
        "AutoModel.from_pretrained(x, trust_remote_code=flag)": "trusts",
        "torch.load(x)": "unpickles",
        "torch.load(x, weights_only=False)": "unpickles",
        "np.load(x, allow_pickle=True)": "runs",
        "subprocess.run(x, shell=True)": "runs",
        "httpx.get(x, verify=False)": "open",
        "page.launch(share=True)": "open",
    }
    for code, said in planted.items():
        (found,) = findings(ast.parse(code))
        assert said in found, code
    assert list(findings(ast.parse("torch.load(x, weights_only=True); re.compile('x')"))) == []


def test_nothing_is_reported_and_nothing_shared_by_default() -> None:
    import inspect

    from assistant.app.serve import serve, start

    for function in (serve, start):
        assert inspect.signature(function).parameters["host"].default == "127.0.0.1"
    source = (ROOT / "assistant" / "app" / "serve.py").read_text(encoding="utf-8")
    for setting in ("share=False", "mcp_server=False", "run_history=False", "show_error=False"):
        assert setting in source
    assert 'os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"' in source
    assert "HF_HUB_DISABLE_TELEMETRY" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_a_scripts_text_comes_from_no_filing() -> None:
    """Scripts of the page are constants: no string is put into one but numbers and names."""
    for path in (ROOT / "assistant" / "app").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text), path
        assert not re.search(r"\beval\(|new Function|https?://", text), path


def test_every_claim_of_the_security_page_names_a_test() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+test_\w+\.py)`", text)
    assert len(text.splitlines()) <= 120 and len(set(named)) >= 8
    assert [name for name in named if not (ROOT / "tests" / name).is_file()] == []
    for row in re.findall(r"^\| (?!---)(.*) \|$", text.partition("## Limits")[0], re.M):
        if row.count(" | ") == 2 and not row.startswith(("It tries", "They try")):
            assert "test_" in row.rpartition(" | ")[2], row


# -- files that nobody vouches for -----------------------------------------------------------------


def test_a_models_code_is_never_run(tmp_path: Path, tiny_llm: Path) -> None:
    """`auto_map` names code within the model's folder; transformers would ask to run it."""
    from assistant.engine import load_engine
    from assistant.errors import AssistantError

    folder = tmp_path / "hostile"
    folder.mkdir()
    for file in tiny_llm.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    ran = tmp_path / "ran"
    code = f"open({str(ran)!r}, 'w').close()\nclass Evil: pass\n"
    (folder / "evil.py").write_text(code, encoding="utf-8")
    for name in ("config.json", "tokenizer_config.json", "generation_config.json"):
        path = folder / name
        told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        told["auto_map"] = dict.fromkeys(NAMED, "evil.Evil")
        path.write_text(json.dumps({**told, "custom_generate": "evil.py"}), encoding="utf-8")
    unknown = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for kind in (unknown["model_type"], "evil"):
        (folder / "config.json").write_text(json.dumps({**unknown, "model_type": kind}))
        try:
            engine = load_engine(str(folder), tmp_path)
            list(engine.stream([{"role": "user", "content": "Say yes."}], 2))
        except (AssistantError, QuantizationError) as error:
            assert "\n" not in str(error)
        assert not ran.exists()


def test_pickled_weights_are_refused(tmp_path: Path, tiny_llm: Path) -> None:
    for name in ("pytorch_model.bin", "model.pt", "weights.pth", "pytorch_model-00001.bin"):
        folder = tmp_path / name
        folder.mkdir()
        for file in tiny_llm.iterdir():
            if file.suffix != ".safetensors":
                (folder / file.name).write_bytes(file.read_bytes())
        (folder / name).write_bytes(b"\x80\x04cos\nsystem\n(S'touch x'\ntR.")
        with pytest.raises(QuantizationError):
            bring(str(folder), tmp_path)


def test_a_hostile_index_file_is_built_anew(
    tmp_path: Path,
    embedder_folder: Path,
    tally: Callable[[str], Tally],
    tries: Callable[[int], int],
) -> None:
    """The FAISS file is a copy: whatever is in it, what is found comes from SQLite."""
    embedder, folder = Embedder(embedder_folder), tmp_path / "store"
    with Store.open(folder, embedder) as store:
        store.add(write_filing(tmp_path / "in"))
        right = _found(store)
    (file,) = folder.glob("*.faiss")
    whole = file.read_bytes()
    for seed in range(tries(500)):
        file.write_bytes(_damaged(whole, random.Random(seed)))
        try:
            with Store.open(folder, embedder) as store:
                assert _found(store) == right, seed
        except IndexingError as error:
            assert "\n" not in str(error), seed
        tally("sources: hostile index files").add("opened")


def _found(store: Store) -> list[tuple[int, str]]:
    from index.retrieve import search

    return [(hit.page, hit.text) for hit in search(store, "total revenue", 5)]


def _damaged(whole: bytes, chance: random.Random) -> bytes:
    """Something else, or a part; other bytes within are what the file's checksum is for."""
    if chance.random() < 0.5:
        return chance.randbytes(chance.randint(0, 400))
    return whole[: chance.randrange(len(whole))]
