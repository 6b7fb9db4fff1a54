#!/usr/bin/env python3
"""What a user would run instead of ours: libsndfile decodes, SpeechBrain's front end makes log-mel features.

    npx bestrq bench audio data/speech --peer "python3 test/long/speechbrain_fbank.py"

Needs speechbrain and soundfile. Recordings must have 16 kHz. Prints a line of JSON with the fastest of the passes.
"""
import argparse
import json
import pathlib
import time

import soundfile
import torch
from speechbrain.lobes.features import Fbank

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--repeat", type=int, default=10)
given = parser.parse_args()

torch.set_num_threads(given.threads)
front_end = Fbank(sample_rate=16_000, n_fft=400, n_mels=80)
files = sorted(path for path in pathlib.Path(given.folder).rglob("*") if path.suffix in (".flac", ".wav"))


def read_all():
    for file in files:
        waveform, rate = soundfile.read(file, dtype="float32")
        assert rate == 16_000, f"{file}: the rate must be 16 kHz, got {rate}"
        with torch.no_grad():
            front_end(torch.from_numpy(waveform)[None])


read_all()
passes = []
for _ in range(given.repeat):
    began, used = time.perf_counter(), time.process_time()
    read_all()
    passes.append((time.process_time() - used, time.perf_counter() - began))
cpu_s, best_s = min(passes)
print(json.dumps({"peer": "SpeechBrain", "best_s": best_s, "cpu_s": cpu_s}))
