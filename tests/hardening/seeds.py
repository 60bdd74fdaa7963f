"""Good files of every kind that Tenq reads, small, to be spoilt."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

from index.read import find_filings
from index.samples import write_samples

TEXT = """<SEC-DOCUMENT>0000000001-24-000001.txt
<SEC-HEADER>
COMPANY CONFORMED NAME: NORTHWIND BEARINGS INC
CENTRAL INDEX KEY: 0000123456
CONFORMED SUBMISSION TYPE: 10-K
CONFORMED PERIOD OF REPORT: 20240630
</SEC-HEADER>
<DOCUMENT>
<TYPE>10-K
<TEXT>
FORM 10-K
For the fiscal year ended June 30, 2024
<PAGE>
CONSOLIDATED BALANCE SHEETS
(in millions)                          June 30, 2024   June 30, 2023
Cash and cash equivalents ........... $      120   $      110
Inventories                                  250          200
Total assets                          $    4,100   $    3,900
Total liabilities and equity          $    4,100   $    3,900
<PAGE>
Our foundries depend on a single supplier of nickel alloy. “Bearings” — naïve café.
</TEXT>
</DOCUMENT>
"""
PLAN = """title = "nightly"
store = "stores/default"
batch = 8
[[models]]
full = "qwen2.5-coder-1.5b"
schemes = ["bf16", "int8"]
reference = "bf16"
others = ["folder/of/another"]
[[questions]]
name = "lookups"
make = 200
unanswerable = 10
evidence = ["gold", "retrieved"]
[fidelity]
texts = "held-out"
[speed]
runs = 5
[gate]
min_recovery = 0.98
confidence = 0.95
[gate.types."income statement"]
margin = 0.02
"""
LIMITS = (
    'min_recovery = 0.98\nconfidence = 0.9\nsets = []\n[types."income statement"]\nmargin = 0.03\n'
)
_KINDS = {
    "number": {"value": 312.5, "unit": "USD million", "fiscal_year": 2024, "company": "Northwind"},
    "docs": {"docs": ["NW_2023_10K", "NW*"], "key_points": ["nickel", "supplier"], "type": "text"},
    "pages": {
        "gold_pages_text": [{"page": 3, "text": "Inventories 250 200"}],
        "evidence": [{"doc": "NW_2024_10K", "page": 3}],
    },
}


def filings(folder: Path) -> dict[str, list[bytes]]:
    """PDF, HTML and text: a few pages of the sample filings each."""
    write_samples(folder)
    whole = {path: path.read_bytes() for path in find_filings([folder / "filings"])}
    pdfs = [_first_pages(path, 6) for path in whole if path.suffix == ".pdf"]
    html = [data for path, data in whole.items() if path.suffix == ".html"]
    # The statements and their tags stand in the middle; what lies around makes reading slow only.
    small = [data[:45_000] + data[len(data) // 2 : len(data) // 2 + 45_000] for data in html]
    return {
        "PDF": [*pdfs, _drawn_pdf()],
        "HTML and iXBRL": small,
        "text": [TEXT.encode(), TEXT.encode("utf-16"), TEXT.replace("<", "").encode("cp1252")],
    }


def question_files(folder: Path) -> list[bytes]:
    """The samples' own, and one in each published shape."""
    own = next(folder.rglob("questions.jsonl")).read_bytes()
    base = {"id": "q", "question": "What?", "answer": "$5", "doc": "NW_2024_10K", "pages": [3]}
    made = [{**base, "id": f"q-{kind}", **more} for kind, more in _KINDS.items()]
    nothing = {"id": "none", "question": "Why?", "answer": None, "doc": None}
    return [
        own[:6000].rpartition(b"\n")[0] + b"\n",
        "\n".join(map(json.dumps, [*made, nothing])).encode(),
        *(json.dumps(each).encode() for each in _published()),
        b'"Question","Answer","Source Docs"\n"What was revenue?","$1.5 billion","*NW 2024*"\n'
        b'"Why?","Because SOURCE(S): NW","NW 2023, NW 2024"\n',
    ]


def _published() -> Sequence[object]:
    table = [["", "2024", "2023"], ["Revenue", "$ 1,200", "$ 1,100"]]
    financebench = {
        "financebench_id": "fb_1",
        "company": "Northwind",
        "doc_name": "NW_2024_10K",
        "question_type": "metrics-generated",
        "question": "What was FY2024 revenue in USD millions?",
        "answer": "$1200.00",
        "evidence": [{"doc_name": "NW_2024_10K", "evidence_page_num": 4, "evidence_text": "x"}],
    }
    tatqa = {
        "table": {"uid": "t1", "table": table},
        "paragraphs": [{"uid": "p1", "order": 1, "text": "In millions. Revenue rose."}],
        "questions": [
            {
                "uid": "u1",
                "order": 1,
                "question": "What was revenue?",
                "answer": [1200],
                "derivation": "",
                "answer_type": "span",
                "answer_from": "table",
                "scale": "million",
                "rel_paragraphs": ["1"],
                "req_comparison": False,
            }
        ],
    }
    turn = {
        "question": "by how much did revenue rise?",
        "answer": "9.1%",
        "exe_ans": 0.0909,
        "program": "subtract(1200, 1100), divide(#0, 1100)",
        "gold_inds": {"table_1": "revenue of 2024 is 1200"},
    }
    finqa = {
        "pre_text": ["Northwind reports."],
        "post_text": ["In millions."],
        "filename": "NW/2024/page_4.pdf",
        "table": table,
        "id": "NW/2024/page_4.pdf-1",
        "qa": turn,
    }
    talk = {
        **{key: value for key, value in finqa.items() if key != "qa"},
        "id": "Single_NW/2024/page_4.pdf-1",
        "annotation": {
            "dialogue_break": ["what was revenue?", "and the year before?"],
            "turn_program": ["1200", "1100"],
            "exe_ans_list": [1200.0, 1100.0],
            "answer_list": ["1200", "1100"],
            "cur_program": "1100",
            "turn_ind": 1,
        },
    }
    return [financebench, [tatqa], [finqa], [talk]]


def precision_plan() -> bytes:
    """Bits for a few layers."""
    layers = {f"model.layers.{n}.self_attn.q_proj": (4, 8, 16)[n % 3] for n in range(6)}
    return json.dumps({"format": 1, "model": "m", "sha256": "0" * 64, "layers": layers}).encode()


def layer_losses() -> bytes:
    """What `tenq quantize --sensitivity` writes."""
    rows = [
        {
            "name": f"model.layers.{n}.mlp.up_proj",
            "elements": 32768,
            "bytes": {"4": 17000, "8": 33000, "16": 65536},
            "loss": {"4": 0.01 * n, "8": 0.001, "16": 0.0},
            "measured": n % 2 == 0,
        }
        for n in range(5)
    ]
    return json.dumps({"format": 2, "model": "m", "sha256": "0" * 64, "layers": rows}).encode()


def records() -> bytes:
    """Finished answers, one a line."""
    rows = [
        {"key": f"{n:064x}", "id": f"q{n}", "answer": f"${n}", "seconds": 0.5} for n in range(5)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def gguf_file(path: Path) -> bytes:
    """A whole little Llama that transformers loads."""
    import gguf
    import numpy as np

    rng = np.random.default_rng(0)
    letters = [chr(n) for n in (*range(33, 127), *range(161, 173), *range(174, 256))]
    letters += [chr(256 + n) for n in range(68)]
    tokens = ["<eos>", *letters, "in"]
    width, inner, vocabulary = 32, 64, len(tokens)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(vocabulary)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3] + [1] * (len(tokens) - 1))
    writer.add_token_merges(["i n"])
    writer.add_eos_token_id(0)
    shapes = {
        "token_embd.weight": (vocabulary, width),
        "output.weight": (vocabulary, width),
        "output_norm.weight": (width,),
        "blk.0.attn_norm.weight": (width,),
        "blk.0.ffn_norm.weight": (width,),
        "blk.0.attn_q.weight": (width, width),
        "blk.0.attn_k.weight": (width, width),
        "blk.0.attn_v.weight": (width, width),
        "blk.0.attn_output.weight": (width, width),
        "blk.0.ffn_gate.weight": (inner, width),
        "blk.0.ffn_up.weight": (inner, width),
        "blk.0.ffn_down.weight": (width, inner),
    }
    for name, shape in shapes.items():
        writer.add_tensor(name, rng.normal(size=shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def _first_pages(path: Path, count: int) -> bytes:
    import pypdfium2

    made = pypdfium2.PdfDocument.new()
    made.import_pages(pypdfium2.PdfDocument(path), list(range(count)))
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _drawn_pdf() -> bytes:
    """Two pages in plain operators, which accidents can reach."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream, pageCompression=0)
    for page in TEXT.split("<PAGE>")[1:]:
        for n, line in enumerate(page.splitlines()):
            canvas.drawString(60, 740 - 14 * n, line)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()
