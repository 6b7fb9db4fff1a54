"""Makes the vectors of this folder: python make.py [SEED [SCALE]]. Needs torch, numpy and safetensors.

Every layer is written out from its equations, slow and obvious, in double precision; what is stored is rounded to
float32. Parameters have the names that SpeechBrain, the paper's code and state-spaces/mamba give them. Like these,
the layers let padding leak, and relative positions do not know sides. SCALE multiplies the widths.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
SCALE = int(sys.argv[2]) if len(sys.argv) > 2 else 1
FOLDER = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).parent
ACTIVATIONS = {"gelu": F.gelu, "swish": F.silu}


def sine_positions(positions, width):
    """sin and cos of p * 10000^(-2i / width), side by side: [..., width]."""
    angles = positions[..., None].double() * 10000.0 ** (-torch.arange(0, width, 2).double() / width)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(-2)


class RelPosMHAXL(nn.Module):
    """Attention with relative positions (arXiv:1901.02860): scores scaled by the whole width, positions of |i - j|."""

    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.out_proj = nn.Linear(dim, dim)
        self.linear_pos = nn.Linear(dim, dim, bias=False)
        self.pos_bias_u = nn.Parameter(torch.empty(dim // heads, heads))
        self.pos_bias_v = nn.Parameter(torch.empty(dim // heads, heads))

    def forward(self, x, mask):
        batch, frames, dim = x.shape
        by_head = (x @ self.in_proj_weight.T).view(batch, frames, self.heads, 3, -1)
        q, k, v = by_head.unbind(3)
        u, w = (bias.reshape(self.heads, -1) for bias in (self.pos_bias_u, self.pos_bias_v))  # read, not transposed
        time = torch.arange(frames)
        offsets = sine_positions((time[:, None] - time).abs(), dim)
        p = self.linear_pos(offsets).view(frames, frames, self.heads, -1)
        scores = torch.einsum("bihd,bjhd->bhij", q + u, k) + torch.einsum("bihd,ijhd->bhij", q + w, p)
        keys = mask[:, None, None, :, 0]
        self.attention = (scores / math.sqrt(dim)).masked_fill(keys == 0, -torch.inf).softmax(-1)
        return self.out_proj(torch.einsum("bhij,bjhd->bihd", self.attention, v).flatten(2))


class ParallelMLPs(nn.Module):
    def __init__(self, heads, size, hidden):
        super().__init__()
        self.fc1_weights = nn.Parameter(torch.empty(heads, size, size))
        self.fc1_biases = nn.Parameter(torch.empty(heads, size))
        self.fc2_weights = nn.Parameter(torch.empty(heads, hidden, size))
        self.fc2_biases = nn.Parameter(torch.empty(heads, hidden))

    def forward(self, x):  # [B, N, heads, size]
        hidden = F.gelu(torch.einsum("bnhi,hoi->bnho", x, self.fc1_weights) + self.fc1_biases)
        return torch.einsum("bnhi,hoi->bnho", hidden, self.fc2_weights) + self.fc2_biases


class HyperNetwork(nn.Module):
    def __init__(self, heads, size, hidden):
        super().__init__()
        self.w1_gen = ParallelMLPs(heads, size, hidden)
        self.w2_gen = ParallelMLPs(heads, size, hidden)


class HyperMixing(nn.Module):
    """W2 GELU(W1^T x) per head, W1 and W2 made from the frames and their positions (arXiv:2203.03691)."""

    def __init__(self, dim, hypernet_size, heads):
        super().__init__()
        self.heads = heads
        self.hyper = HyperNetwork(heads, dim // heads, hypernet_size // heads)
        self.layer_norm = nn.LayerNorm(dim)

    def forward(self, x, mask):
        batch, frames, dim = x.shape
        x = x * mask
        positioned = (x + sine_positions(torch.arange(frames), dim)).view(batch, frames, self.heads, -1)
        w1 = self.hyper.w1_gen(positioned) * mask[..., None]
        w2 = self.hyper.w2_gen(positioned) * mask[..., None]
        mixed = F.gelu(torch.einsum("bnhk,bnhd->bhkd", w1, x.view(batch, frames, self.heads, -1)))
        return self.layer_norm(torch.einsum("bnhk,bhkd->bnhd", w2, mixed).flatten(2))


class Fastattention(nn.Module):
    """Additive attention: a global query, a global key, the query as value (arXiv:2108.09084)."""

    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        for name in ("query_proj", "key_proj", "out_proj"):
            setattr(self, name, nn.Linear(dim, dim))
        for name in ("query_attn", "key_attn"):
            setattr(self, name, nn.Linear(dim, heads))

    def pool(self, scores, values, mask):
        size = values.shape[-1] // self.heads
        weights = (scores / math.sqrt(size)).masked_fill(mask == 0, -torch.inf).softmax(1)  # [B, N, heads]
        by_head = values.unflatten(-1, (self.heads, size))
        return torch.einsum("bnh,bnhd->bhd", weights, by_head).flatten(1)[:, None]

    def forward(self, x, mask):
        q = self.query_proj(x)
        p = self.key_proj(x) * self.pool(self.query_attn(q), q, mask)
        return self.out_proj(q * self.pool(self.key_attn(p), p, mask)) + q


class Plain(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.w = nn.Linear(inputs, outputs)

    def forward(self, x):
        return self.w(x)


class Split(nn.Module):
    """A linear map, block by block."""

    def __init__(self, heads, inputs, outputs):
        super().__init__()
        self.weights = nn.Parameter(torch.empty(heads, inputs // heads, outputs // heads))
        self.biases = nn.Parameter(torch.empty(heads, outputs // heads))

    def forward(self, x):
        blocks = x.unflatten(-1, (self.weights.shape[0], -1))
        return (torch.einsum("btmi,mio->btmo", blocks, self.weights) + self.biases).flatten(2)


class Branch(nn.Module):
    """Linear maps, the activation after each of them."""

    def __init__(self, heads, sizes, activation):
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        for index, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
            layer = Plain(inputs, outputs) if heads == 1 else Split(heads, inputs, outputs)
            self.add_module("linear" if index == 0 else f"linear_{index - 1}", layer)

    def forward(self, x):
        for layer in self.children():
            x = self.activation(layer(x))
        return x


def mean(s, mask):
    return (s * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True)


class SummaryMixing(nn.Module):
    """phi(W [f(x_t) ; mean of s(x_t)] + b) (arXiv:2307.07421), with or without layer norms on both branches."""

    def __init__(self, dim, heads, local_hidden, local, summary_hidden, activation, norm=True):
        super().__init__()
        self.local_proj = Branch(heads, [dim, local_hidden, local], activation)
        self.summary_proj = Branch(heads, [dim, summary_hidden, dim], activation)
        self.summary_local_merging = Branch(1, [local + dim, dim], activation)
        if norm:
            self.local_norm, self.summary_norm = nn.LayerNorm(local), nn.LayerNorm(dim)
        self.norm = norm

    def forward(self, x, mask):
        local, summary = self.local_proj(x) * mask, mean(self.summary_proj(x), mask)
        if self.norm:
            local, summary = self.local_norm(local), self.summary_norm(summary)
        return self.summary_local_merging(torch.cat([local, summary.expand(-1, x.shape[1], -1)], -1))


class SummaryMixingLite(nn.Module):
    """The mean of s(x_t), for every frame."""

    def __init__(self, dim, heads, summary_hidden, activation):
        super().__init__()
        self.summary_proj = Branch(heads, [dim, summary_hidden, dim], activation)

    def forward(self, x, mask):
        return mean(self.summary_proj(x), mask).expand(-1, x.shape[1], -1)


class SummaryMixingFast(nn.Module):
    """One linear map for both branches."""

    def __init__(self, dim, local):
        super().__init__()
        self.global_proj = Branch(1, [dim, 2 * local], "gelu")
        self.summary_local_merging = Branch(1, [2 * local, dim], "gelu")

    def forward(self, x, mask):
        local, summary = self.global_proj(x).chunk(2, -1)
        both = [local * mask, mean(summary, mask).expand(-1, x.shape[1], -1)]
        return self.summary_local_merging(torch.cat(both, -1))


def scan(u, delta, A, B, C, D):
    """h_t = exp(delta_t A) h_(t-1) + delta_t u_t B_t, y_t = C_t h_t + D u_t; u, delta [B, D, T], B, C [B, N, T]."""
    state, outputs = 0, []
    for t in range(u.shape[2]):
        step = delta[:, :, t, None]
        state = torch.exp(step * A) * state + step * u[:, :, t, None] * B[:, None, :, t]
        outputs.append((state * C[:, None, :, t]).sum(-1) + D * u[:, :, t])
    return torch.stack(outputs, -1), state


class Mamba(nn.Module):
    """One direction (arXiv:2312.00752)."""

    def __init__(self, dim, states, kernel, expand, rank):
        super().__init__()
        inner = expand * dim
        self.sizes = [rank, states, states]
        self.A_log = nn.Parameter(torch.empty(inner, states))
        self.D = nn.Parameter(torch.empty(inner))
        self.in_proj = nn.Linear(dim, 2 * inner, bias=False)
        self.conv1d = nn.Conv1d(inner, inner, kernel, groups=inner, padding=kernel - 1)
        self.x_proj = nn.Linear(inner, sum(self.sizes), bias=False)
        self.dt_proj = nn.Linear(rank, inner)
        self.out_proj = nn.Linear(inner, dim, bias=False)

    def forward(self, x):
        signal, gate = self.in_proj(x).chunk(2, -1)
        u = F.silu(self.conv1d(signal.mT)[..., : x.shape[1]])
        delta, B, C = self.x_proj(u.mT).split(self.sizes, -1)
        y, _ = scan(u, F.softplus(self.dt_proj(delta)).mT, -torch.exp(self.A_log), B.mT, C.mT, self.D)
        return self.out_proj(y.mT * F.silu(gate))


class RMSNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * self.weight


class Directions(nn.Module):
    def __init__(self, bidirectional, **sizes):
        super().__init__()
        self.mamba_fwd = Mamba(**sizes)
        self.mamba_rev = Mamba(**sizes) if bidirectional else None

    def forward(self, x):
        forward = self.mamba_fwd(x)
        return forward if self.mamba_rev is None else forward + self.mamba_rev(x.flip(1)).flip(1)


class MambaBlock(nn.Module):
    """x + Mamba(RMSNorm(x)); padding is not masked."""

    def __init__(self, dim, states=16, kernel=4, expand=2, rank=None, bidirectional=True):
        super().__init__()
        block = nn.Module()
        block.norm = RMSNorm(dim)
        rank = rank or math.ceil(dim / 16)
        block.mixer = Directions(bidirectional, dim=dim, states=states, kernel=kernel, expand=expand, rank=rank)
        self.forward_blocks = nn.ModuleList([block])

    def forward(self, x, mask):
        block = self.forward_blocks[0]
        return x + block.mixer(block.norm(x))


class Named(nn.Module):
    """SpeechBrain's LayerNorm keeps PyTorch's under the name norm."""

    def __init__(self, *shape, eps=1e-5):
        super().__init__()
        self.norm = nn.LayerNorm(shape, eps=eps)

    def forward(self, x):
        return self.norm(x)


class FeedForward(nn.Module):
    def __init__(self, dim, hidden, activation):
        super().__init__()
        self.ffn = nn.Sequential(nn.Linear(dim, hidden), activation, nn.Identity(), nn.Linear(hidden, dim))

    def forward(self, x):
        return self.ffn(x)


class Convolution(nn.Module):
    def __init__(self, dim, kernel, activation):
        super().__init__()
        self.layer_norm = nn.LayerNorm(dim)
        self.bottleneck = nn.Sequential(nn.Conv1d(dim, 2 * dim, 1), nn.GLU(dim=1))
        self.conv = nn.Conv1d(dim, dim, kernel, padding=kernel // 2, groups=dim)
        self.after_conv = nn.Sequential(nn.LayerNorm(dim), activation, nn.Linear(dim, dim))

    def forward(self, x, mask):
        local = self.conv(self.bottleneck(self.layer_norm(x).mT)).mT
        return self.after_conv(local) * mask


class Conformer(nn.Module):
    """A conformer layer (arXiv:2005.08100) around a mixer."""

    def __init__(self, mixer, dim, ffn, kernel):
        super().__init__()
        activation = nn.SiLU()
        feed_forward = lambda: nn.Sequential(nn.LayerNorm(dim), FeedForward(dim, ffn, activation))
        self.ffn_module1, self.ffn_module2 = feed_forward(), feed_forward()
        self.norm1, self.norm2 = Named(dim), Named(dim)
        self.convolution_module = Convolution(dim, kernel, activation)
        self.mha_layer = mixer

    def forward(self, x, mask):
        x = x + self.ffn_module1(x) / 2
        x = x + self.mha_layer(self.norm1(x), mask)
        x = x + self.convolution_module(x, mask)
        return self.norm2(x + self.ffn_module2(x) / 2)


class FrontEnd(nn.Module):
    """3 x 3 convolutions of stride 2 with reflected borders, layer norm over frequencies and channels, LeakyReLU."""

    def __init__(self, mels, channels):
        super().__init__()
        inputs = 1
        for index, outputs in enumerate(channels):
            mels = math.ceil(mels / 2)
            block = nn.Module()
            block.convs = nn.Module()
            block.convs.conv_0 = nn.Module()
            block.convs.conv_0.conv = nn.Conv2d(inputs, outputs, 3, stride=2)  # axes: frequency, time
            block.convs.norm_0 = Named(mels, outputs)
            self.add_module(f"convblock_{index}", block)
            inputs = outputs

    def forward(self, x):
        x = x[..., None]  # [B, T, F, channels]
        for block in self.children():
            padded = F.pad(x.permute(0, 3, 2, 1), (1, 1, 1, 1), mode="reflect")
            x = F.leaky_relu(block.convs.norm_0(block.convs.conv_0.conv(padded).permute(0, 3, 2, 1)), 0.01)
        return x


class Transformer(nn.Module):
    def __init__(self, inputs, dim, layers):
        super().__init__()
        self.custom_src_module = nn.Module()
        self.custom_src_module.layers = nn.ModuleList([Plain(inputs, dim)])
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(layers)
        self.encoder.norm = Named(dim, eps=1e-6)

    def forward(self, x, mask, positions):
        x = self.custom_src_module.layers[0](x)
        if positions:
            x = x + sine_positions(torch.arange(x.shape[1]), x.shape[2])
        for layer in self.encoder.layers:
            x = layer(x, mask)
        return self.encoder.norm(x)


def quantize(features, P, CB):
    """Index of the nearest code of each row, projected and brought to length 1."""
    return torch.cdist(F.normalize(features @ P, dim=-1), CB[None]).argmin(-1)


def fbank(wave):
    """Log-mel features in float32 throughout: next to a filter's edge the rounding shows in decibels."""
    spectrum = torch.stft(wave, 400, 160, 400, torch.hamming_window(400), pad_mode="constant", return_complex=True)
    mel = torch.linspace(0, 2595 * math.log10(1 + 8000 / 700), 82)
    hz = 700 * (10 ** (mel / 2595) - 1)
    slope = (torch.linspace(0, 8000, 201)[:, None] - hz[1:-1]) / (hz[1:-1] - hz[:-2])
    filters = torch.minimum(slope + 1, 1 - slope).clamp(min=0)
    level = 10 * torch.log10((spectrum.abs().square().mT @ filters).clamp(min=1e-10))
    return torch.maximum(level, level.amax((-2, -1), keepdim=True) - 80)


def randomised(module):
    """Every parameter random, none near zero or one by construction, in float32's values."""
    for name, parameter in module.named_parameters():
        spread = 1 / math.sqrt(parameter.shape[-1]) if parameter.dim() > 1 else 0.3
        start = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        parameter.data = (start + spread * torch.randn(parameter.shape)).double()
    return module


def save(name, tensors, **metadata):
    told = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    told["source"] = "test/kernel/vectors/make.py"
    exact = lambda tensor: tensor.int() if not tensor.is_floating_point() else tensor.float()
    kept = {key: exact(tensor.detach()).contiguous().clone() for key, tensor in tensors.items()}
    save_file(kept, FOLDER / f"{name}.safetensors", told)


def with_gradients(module, tensors, prefix=""):
    for name, parameter in module.named_parameters():
        tensors[f"param.{name}"], tensors[f"grad.{name}"] = parameter, parameter.grad
    return tensors


def rounded(*shape, deviation=1.0):
    return (deviation * torch.randn(shape)).double()


def padding_mask(lengths, frames):
    return (torch.arange(frames) < torch.tensor(lengths)[:, None])[..., None].double()


def save_layer(name, module, dim, frames=7, lengths=(7, 5), **metadata):
    randomised(module)
    x = rounded(len(lengths), frames, dim).requires_grad_()
    output = module(x, padding_mask(lengths, frames))
    output_grad = rounded(*output.shape)
    (output * output_grad).sum().backward()
    tensors = {"input": x, "output": output, "output_grad": output_grad, "input_grad": x.grad}
    if "mamba" not in name or "conformer" in name:
        tensors["lengths"] = torch.tensor(lengths)
    if name == "mhsa":
        tensors["attention"] = module.attention
    save(name, with_gradients(module, tensors), dim=dim, **metadata)


def summary_sizes(scale, heads):
    hidden, local, summary_hidden = 9 * scale, 6 * scale, 3 * scale
    names = {"local_proj_hid_dim": [hidden], "local_proj_out_dim": local, "summary_hid_dim": [summary_hidden]}
    return (heads, hidden, local, summary_hidden), {"heads": heads, **names}


def save_mixers():
    dim, heads = 6 * SCALE, 3
    save_layer("mhsa", RelPosMHAXL(dim, heads), dim, heads=heads)
    save_layer("hypermixing", HyperMixing(dim, 15 * SCALE, heads), dim, heads=heads, hypernet_size=15 * SCALE)
    save_layer("fastformer", Fastattention(dim, heads), dim, heads=heads)
    for heads in (3, 1):
        sizes, told = summary_sizes(SCALE, heads)
        told = {**told, "activation": "gelu", "mode": "SummaryMixing"}
        name = "summarymixing" if heads > 1 else "summarymixing_1_head"
        save_layer(name, SummaryMixing(dim, *sizes, "gelu"), dim, **told)
    sizes, told = summary_sizes(SCALE, 3)
    told = {**told, "activation": "swish", "mode": "SummaryMixing", "norm": False}
    save_layer("summarymixing_nonorm", SummaryMixing(dim, *sizes, "swish", norm=False), dim, **told)
    lite = {"heads": 3, "summary_hid_dim": [sizes[3]], "activation": "gelu", "mode": "SummaryMixing-lite"}
    save_layer("summarymixing_lite", SummaryMixingLite(dim, 3, sizes[3], "gelu"), dim, **lite)
    fast = {"local_proj_out_dim": 7 * SCALE, "mode": "SummaryMixing-fast"}
    save_layer("summarymixing_fast", SummaryMixingFast(dim, 7 * SCALE), dim, **fast)
    for direction in ("bidirectional", "unidirectional"):
        both = direction == "bidirectional"
        told = {"d_state": 5, "d_conv": 3, "expand": 2, "dt_rank": 2, "bidirectional": both}
        save_layer(f"mamba_{direction}", MambaBlock(dim, 5, 3, 2, 2, both), dim, **told)


def save_scan(batch=2, width=7, states=5, frames=11):
    shapes = {"u": (batch, width, frames), "delta": (batch, width, frames), "A": (width, states)}
    shapes |= {"B": (batch, states, frames), "C": (batch, states, frames), "D": (width,)}
    shapes |= {"z": (batch, width, frames), "delta_bias": (width,)}
    given = {name: rounded(*shape) for name, shape in shapes.items()}
    given["A"] = -torch.exp(given["A"]).float().double()
    given = {name: tensor.requires_grad_() for name, tensor in given.items()}
    step = F.softplus(given["delta"] + given["delta_bias"][:, None])
    y, state = scan(given["u"], step, *(given[name] for name in "ABCD"))
    output = y * F.silu(given["z"])
    output_grad = rounded(*output.shape)
    (output * output_grad).sum().backward()
    gradients = {f"grad.{name}": tensor.grad for name, tensor in given.items()}
    results = {"output": output, "output_grad": output_grad, "last_state": state}
    save("selective_scan", {**given, **gradients, **results}, delta_softplus=True)


def save_front_end(mels=10, channels=(5, 3), frames=17):
    module = randomised(FrontEnd(mels, channels))
    x = rounded(2, frames, mels).requires_grad_()
    output = module(x)
    output_grad = rounded(*output.shape)
    (output * output_grad).sum().backward()
    tensors = {"input": x, "output": output, "output_grad": output_grad, "input_grad": x.grad}
    save("frontend", with_gradients(module, tensors))


def save_quantizer(inputs=28, codes=101, code_width=5):
    P, CB = rounded(inputs, code_width), F.normalize(rounded(codes, code_width), dim=-1).float().double()
    x = rounded(2, 11, inputs)
    save("quantizer", {"P": P, "CB": CB, "input": x, "ids": quantize(x, P, CB)})


def save_fbank(samples=1601):
    time = torch.arange(samples) / 16000
    wave = 0.3 * torch.sin(2 * math.pi * 440 * time) + 0.05 * torch.randn(1, samples)
    save("fbank", {"wav": wave, "features": fbank(wave)})


def mixer_of(name, dim, heads, ffn):
    sizes, _ = summary_sizes(1, 1)
    return {
        "mhsa": lambda: RelPosMHAXL(dim, heads),
        "hypermixing": lambda: HyperMixing(dim, ffn, heads),
        "fastformer": lambda: Fastattention(dim, heads),
        "summarymixing": lambda: SummaryMixing(dim, *sizes, "swish"),
        "mamba": lambda: MambaBlock(dim, STATES),
    }[name]()


MIXERS = ("mhsa", "hypermixing", "fastformer", "summarymixing", "mamba")
STATES = 3
SUMMARY = {**summary_sizes(1, 1)[1], "activation": "swish"}


def save_conformers():
    dim, heads, ffn, kernel = 6 * SCALE, 3, 9 * SCALE, 5
    for mixer in MIXERS:
        layer = Conformer(mixer_of(mixer, dim, heads, ffn), dim, ffn, kernel)
        told = {"heads": heads, "ffn": ffn, "kernel_size": kernel, "activation": "swish"}
        told |= {"summarymixing": SUMMARY, "d_state": STATES}
        save_layer(f"conformer_{mixer}", layer, dim, mixer=mixer, **told)


def save_models(mels=7, channels=(3, 2), codes=19, code_width=5, frames=26):
    dim, heads, ffn, kernel = 4 * SCALE, 2, 6 * SCALE, 3
    for mixer in MIXERS:
        layers = 2 if mixer == "hypermixing" else 1
        front, blocks = FrontEnd(mels, channels), [
            Conformer(mixer_of(mixer, dim, heads, ffn), dim, ffn, kernel) for _ in range(layers)
        ]
        wrapper, quantizer = nn.Module(), nn.Module()
        wrapper.transformer = Transformer(math.ceil(math.ceil(mels / 2) / 2) * channels[-1], dim, blocks)
        model = randomised(nn.ModuleList([front, wrapper, quantizer, Plain(dim, codes)]))
        P, CB = rounded(4 * mels, code_width), F.normalize(rounded(codes, code_width), dim=-1).float().double()

        features = rounded(2, frames, mels)
        padded = F.pad(features, (0, 0, -frames % 4, 0))  # on the left of time
        encoded = padded.shape[1] // 4
        blocks_masked = torch.tensor([1, 2, 4])
        masked = (4 * blocks_masked[:, None] + torch.arange(4)).flatten()
        noise = rounded(2, len(masked), mels, deviation=0.1)
        shares = torch.tensor([1.0, 0.75])
        lengths = (shares * encoded).round().int().tolist()

        targets = quantize(padded.reshape(2, encoded, -1), P, CB)
        hidden = padded.clone()
        hidden[:, masked] = noise
        hidden = wrapper.transformer(
            front(hidden).flatten(2), padding_mask(lengths, encoded), mixer not in ("mhsa", "hypermixing")
        )
        logits = model[3](hidden)
        loss = F.cross_entropy(logits[:, blocks_masked].flatten(0, 1), targets[:, blocks_masked].flatten())
        loss.backward()
        tensors = {"features": features, "noise": noise, "mask_frames": masked, "relative_lengths": shares}
        tensors |= {"targets": targets, "logits": logits, "loss": loss[None], "param.2.P": P, "param.2.CB": CB}
        told = {"mixer": mixer, "dim": dim, "heads": heads, "ffn": ffn, "layers": layers, "codes": codes}
        told |= {"conv_kernel": kernel, "activation": "swish", "summarymixing": SUMMARY}
        told |= {"d_state": STATES}
        save(f"bestrq_{mixer}", with_gradients(model, tensors), **told)


if __name__ == "__main__":
    torch.manual_seed(SEED)
    torch.set_grad_enabled(True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_fbank()
    save_front_end()
    save_quantizer()
    save_scan()
    save_mixers()
    save_conformers()
    save_models()
