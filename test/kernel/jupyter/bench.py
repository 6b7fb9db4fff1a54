# How fast the kernel is, beside ipykernel, on a machine with nothing else to do:
#   .venv/bin/python test/kernel/jupyter/bench.py
# prints one JSON object a line. Times are seconds or milliseconds as they say, memory is MiB.
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager

root = Path(__file__).resolve().parents[3]
repeats = 200


class Kernel:
    def __init__(self, name):
        self.manager = KernelManager(kernel_name=name)
        self.began = time.perf_counter()
        self.manager.start_kernel(cwd=root / "notebooks", stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()

    def age(self):
        return round(time.perf_counter() - self.began, 3)

    def finish(self, message):
        """Waits for the reply to a message, and for idle."""
        self.client.get_shell_msg(timeout=60)
        while True:
            seen = self.client.get_iopub_msg(timeout=60)
            if seen["parent_header"].get("msg_id") != message or seen["msg_type"] != "status":
                continue
            if seen["content"]["execution_state"] == "idle":
                return

    def milliseconds(self, ask, *arguments):
        began = time.perf_counter()
        self.finish(ask(*arguments))
        return (time.perf_counter() - began) * 1e3

    def run(self, code):
        return self.milliseconds(self.client.execute, code)

    def beats(self, code):
        """How long heartbeat and control take meanwhile."""
        self.client.execute(code)
        time.sleep(1)
        heart = self.client.hb_channel.context.socket(3)  # REQ
        heart.connect(f"tcp://127.0.0.1:{self.manager.hb_port}")
        times = {"heartbeat": [], "control": []}
        for _ in range(repeats):
            began = time.perf_counter()
            heart.send(b"")
            heart.recv()
            times["heartbeat"].append((time.perf_counter() - began) * 1e3)
            began = time.perf_counter()
            self.client.control_channel.send(self.client.session.msg("kernel_info_request"))
            self.client.control_channel.get_msg(timeout=60)
            times["control"].append((time.perf_counter() - began) * 1e3)
            time.sleep(0.005)
        heart.close()
        began = time.perf_counter()
        self.manager.interrupt_kernel()
        self.client.get_shell_msg(timeout=60)
        interrupt = round((time.perf_counter() - began) * 1e3)
        return {**{name: spread(values) for name, values in times.items()}, "interrupt": interrupt}

    def memory(self):
        process = psutil.Process(self.manager.provisioner.pid)
        return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) >> 20

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def spread(values):
    return {"median": round(statistics.median(values), 1), "worst": round(max(values), 1)}


def measure(name):
    kernel = Kernel(name)
    found = {"kernel": name}
    kernel.client.kernel_info()
    kernel.client.get_shell_msg(timeout=60)
    found["ready_s"] = kernel.age()
    kernel.run("1 + 1")
    found["first_cell_s"] = kernel.age()
    time.sleep(3)
    found["idle_mib"] = kernel.memory()
    found["cell_ms"] = spread([kernel.run("1 + 1") for _ in range(repeats)])
    if name == "bestrq":
        found.update(measure_ours(kernel))
    kernel.close()
    return found


def measure_ours(kernel):
    found = {"import_ms": round(kernel.run('import { backend, tf } from "bestrq"; await backend.use("auto")'))}
    for cell in range(100):
        kernel.run(f"const value{cell} = tf.scalar({cell}); function add{cell}(n: number) {{ return n + {cell} }}\nvalue{cell}.shape")
    samples = ["tf.lin", "value5.sh", "add1", "tf.tidy(() => val", "Math."]
    found["completion_ms"] = spread([kernel.milliseconds(kernel.client.complete, code, len(code)) for code in samples * 3])
    module = "0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11"
    busy = {
        "native": "const a: any = tf.randomNormal([1500, 1500]); for (;;) tf.tidy(() => tf.matMul(a, a).dataSync())",
        "wasm": f"(new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([{module}]))).exports as any).f()",
        "loop": "for (;;);",
        "flood": "for (;;) console.log('x'.repeat(100))",
    }
    for name, code in busy.items():
        found[f"{name}_ms"] = kernel.beats(code)
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        command = ["node", root / "kernel/dist/cli.js", "install", "--prefix", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        os.environ["JUPYTER_PATH"] = f"{folder}/share/jupyter"
        for turn in range(2):
            for name in ("bestrq", "python3"):
                print(json.dumps(measure(name)), flush=True)
