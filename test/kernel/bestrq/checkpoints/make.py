"""Checkpoints made by PyTorch and SpeechBrain for the tests, and the way back: a file of ours read by them.

    python -m venv venv
    venv/bin/pip install torch==2.11.0 torchaudio==2.11.0 speechbrain==1.1.2 safetensors==0.8.0
    venv/bin/python make.py                              writes the files beside this script, always the same numbers
    venv/bin/python make.py check ours-mhsa.safetensors  loads a file of ours into SpeechBrain's modules and compares
                                                         their logits with ours, kept in ours-mhsa.logits.safetensors

The modules are SpeechBrain's own, put together as its BEST-RQ recipe does: a ModuleList of front end, encoder wrapper,
quantizer and head; only the sizes are tiny. Biases and norms are random, so that nothing passes by being zero or one.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from speechbrain.lobes.models.convolution import ConvolutionFrontEnd
from speechbrain.lobes.models.transformer.TransformerASR import EncoderWrapper, TransformerASR
from speechbrain.nnet.linear import Linear
from speechbrain.nnet.quantisers import RandomProjectionQuantizer
from speechbrain.processing.features import InputNormalization

here = Path(__file__).parent

# As in sizes.ts; the names are those of our configuration.
sizes = dict(
    width=16, layers=2, heads=2, feedForward=24, kernel=7, mels=80, channels=[8, 4], codes=32, codeWidth=8, positions=64
)
attention = {"mhsa": "RelPosMHAXL", "hypermixing": "hypermixing"}


def modules(mixer, width, layers, heads, feedForward, kernel, mels, channels, codes, codeWidth, positions=64):
    """The ModuleList [front end, encoder, quantizer, head] of SpeechBrain's recipe, at these sizes."""
    front = ConvolutionFrontEnd(
        input_shape=(8, 10, mels),
        num_blocks=2,
        num_layers_per_block=1,
        out_channels=tuple(channels),
        kernel_sizes=(3, 3),
        strides=(2, 2),
        residuals=(False, False),
    )
    bands = mels // 4
    transformer = TransformerASR(
        tgt_vocab=1,
        input_size=bands * channels[-1],
        d_model=width,
        nhead=heads,
        num_encoder_layers=layers,
        num_decoder_layers=0,
        d_ffn=feedForward,
        kernel_size=kernel,
        encoder_module="conformer",
        attention_type=attention[mixer],
        normalize_before=True,
        causal=False,
        max_length=positions,
    )
    for module in transformer.modules():  # HyperMixing keeps 3,000 positions in each layer: 384 kB of sines
        if hasattr(module, "pe"):
            module.pe = module.pe[:, :positions].clone()
    quantizer = RandomProjectionQuantizer(4 * mels, codeWidth, codes)
    return torch.nn.ModuleList([front, EncoderWrapper(transformer), quantizer, Linear(codes, input_size=width)]).eval()


@torch.no_grad()
def logits(model, features, lengths):
    front, encoder, _, head = model
    return head(encoder(front(features), lengths / features.shape[1]))


def make():
    for mixer in attention:
        torch.manual_seed(1)
        model = modules(mixer, **sizes)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.add_(0.3 * torch.randn_like(parameter))
        torch.save(model.state_dict(), here / f"{mixer}.ckpt")
        features, lengths = torch.randn(2, 43, 80), torch.tensor([43, 28], dtype=torch.int32)
        stacked = features[:, :40].reshape(2, 10, 320)
        save_file(
            {
                "features": features,
                "lengths": lengths,
                "logits": logits(model, features, lengths),
                "targets": model[2](stacked).int(),
            },
            here / f"{mixer}.logits.safetensors",
            metadata={"torch": torch.__version__, **{name: json.dumps(size) for name, size in sizes.items()}},
        )
        if mixer == "mhsa":
            folder = here / "CKPT+newer"  # three files, as SpeechBrain's recipe saves today
            folder.mkdir(exist_ok=True)
            torch.save(torch.nn.ModuleList(model[:2]).state_dict(), folder / "model.ckpt")
            torch.save(model[2].state_dict(), folder / "quantizer.ckpt")
            torch.save(model[3].state_dict(), folder / "linear.ckpt")
    normalise()


def normalise():
    """What SpeechBrain saves of the global normalisation today, and with the dicts that the paper's fork kept."""
    torch.manual_seed(2)
    normalisation = InputNormalization(norm_type="global", update_until_epoch=4)
    for _ in range(3):
        normalisation(3 * torch.randn(1, 50, 80) - 1, torch.ones(1), epoch=0)
    normalisation._save(here / "normalize.ckpt")
    state = normalisation._statistics_dict()
    mean, std = torch.randn(80), torch.rand(80)
    speakers = {"spk_dict_mean": {0: mean}, "spk_dict_std": {0: std}, "spk_dict_count": {0: 1}}
    torch.save({**state, **speakers}, here / "normalizer.ckpt")
    averages = {name: state[name].clone() for name in ("glob_mean", "glob_std")}
    save_file({"count": torch.tensor([state["count"]]).int(), **averages}, here / "normalize.safetensors")


def check(path):
    with safe_open(path, "pt") as file:
        configuration = json.loads(file.metadata()["configuration"])
    taken = set(sizes) - {"positions"}
    model = modules(configuration["mixer"], **{name: configuration[name] for name in taken})
    missing, unexpected = model.load_state_dict(load_file(path), strict=False)
    missing = [key for key in missing if not key.endswith((".pe", ".inv_freq"))]
    kept = load_file(path.with_suffix(".logits.safetensors"))
    theirs = logits(model, kept["features"], kept["lengths"])
    valid = (kept["lengths"] + 3) // 4
    differences = [
        (theirs[row, :frames] - kept["logits"][row, :frames]).abs().max().item() for row, frames in enumerate(valid)
    ]
    print(f"missing {missing}, unexpected {unexpected}, largest difference {max(differences):.2e}")
    return not missing and not unexpected and max(differences) < 1e-5 * kept["logits"].abs().max()


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        sys.exit(0 if all([check(Path(path)) for path in sys.argv[2:]]) else 1)
    make()
