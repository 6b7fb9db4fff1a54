"""Small files of torch.save for the tests.

    pip install torch==2.11.0
    python make.py        writes the files beside this script
"""

import os
from pathlib import Path

import torch

here = Path(__file__).parent


class Malice:
    """What a pickle can ask Python's own reader to do."""

    def __reduce__(self):
        return os.system, ("touch code-was-run",)


a = torch.arange(15.0).reshape(3, 5)
types = {
    **{name: a.to(getattr(torch, name)) for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32", "uint8")},
    "bool": a > 7,
    "int16": a.short(),
    "uint16": a.to(torch.uint16),
    "parameter": torch.nn.Parameter(a),
    "empty": torch.zeros(0, 3),
    "scalar": torch.tensor(3.5),
    "views": {"whole": a, "transposed": a.t(), "part": a[1:, ::2], "column": a[:, 3]},
    "plain": {"count": 3, "rate": 2.5, "text": "hej, é", "large": 2**80, "negative": -5, "none": None, "yes": True},
    "others": [{1, 2}, frozenset("a"), a.shape, b"bytes", (1, (2, 3))],
}
torch.save(types, here / "types.ckpt")
torch.save(types, here / "protocol5.ckpt", pickle_protocol=5)
torch.save({"weight": a}, here / "legacy.ckpt", _use_new_zipfile_serialization=False)
torch.save({"weight": a, "more": Malice()}, here / "malicious.ckpt")
