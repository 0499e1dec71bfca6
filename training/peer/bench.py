"""A training step in PyTorch beside the trainer's: the same numbers first, then how long they take.

`trainer bench --preset NAME --case FOLDER` writes what is needed: the model, three batches with the
posterior's noise, and what the trainer made of them. `cargo xtask bench train` runs both sides.

    python3 bench.py FOLDER --check          differences from the trainer's numbers
    python3 bench.py FOLDER --steps 5        seconds and memory

Both print one line of JSON.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from model import read_model
from step import Training

WARM_UP = 2  # As the trainer's: steps that are not counted.


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", type=Path, help="the folder that the trainer wrote")
    parser.add_argument("--check", action="store_true", help="compare numbers, measure nothing")
    parser.add_argument("--steps", type=int, default=5, help="steps to measure")
    parser.add_argument("--threads", type=int, help="threads of the CPU [default: all cores]")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.backends.cudnn.allow_tf32 = False  # The trainer's convolutions are in f32 as well.
    before = peak_bytes()
    case = json.loads((arguments.case / "case.json").read_text())
    tensors = load_file(arguments.case / "case.safetensors")
    model = read_model(arguments.case).to(arguments.device)
    training = Training(model, case["loss"], case["optimiser"])
    if arguments.check:
        print(json.dumps({"differences": list(differences(training, case, tensors))}))
        return
    clip = tensors["clip.0"]
    result = {
        "forward": forward(model, clip, arguments),
        **steps(training, clip, arguments),
        "idle_bytes": before,
        "peak_bytes": peak_bytes(),
        "threads": torch.get_num_threads(),
        "version": f"PyTorch {torch.__version__}",
    }
    print(json.dumps(result))


def differences(training, case, tensors):
    """Largest difference and largest value of everything that the trainer wrote."""
    model = training.model
    tensors = {name: tensor.to(next(model.parameters()).device) for name, tensor in tensors.items()}
    with torch.no_grad():
        mean, logvar, _ = model.encode(tensors["clip.0"])
        # The trainer's mean: what the decoder adds to the difference is then its own.
        sample, _ = model.decode(model.compress(tensors["mean"]))
    for name, ours in {"mean": mean, "logvar": logvar, "sample": sample}.items():
        yield difference(name, ours, tensors[name])
    for index, (numbers, rate) in enumerate(zip(case["numbers"], case["rates"])):
        ours = training.gradients(tensors[f"clip.{index}"], tensors[f"noise.{index}"])
        training.update(rate)
        for name, theirs in numbers.items():
            if name in ours:
                number = torch.tensor([ours[name].item(), theirs], dtype=torch.float64)
                yield difference(f"step {index}: {name}", *number)


def difference(what, ours, theirs):
    largest, off = theirs.abs().max().item(), (ours - theirs).abs().max().item()
    return {"what": what, "largest": largest, "difference": off}


def forward(model, clip, arguments):
    """Seconds to encode and decode a batch without gradients, run by run."""
    clip = clip.to(arguments.device)
    seconds = []
    with torch.no_grad():
        for _ in range(WARM_UP + arguments.steps):
            start = time.perf_counter()
            model.decode(model.encode(clip)[0])
            wait(arguments)
            seconds.append(time.perf_counter() - start)
    return seconds[WARM_UP:]


def steps(training, clip, arguments):
    """Seconds to the gradients, of whole steps, and those that processors worked in them."""
    to_gradients, whole, worked = [], [], []
    for _ in range(WARM_UP + arguments.steps):
        start, before = time.perf_counter(), time.process_time()
        numbers = training.gradients(clip.to(arguments.device))
        numbers["loss"].item()
        wait(arguments)
        middle = time.perf_counter()
        training.update()
        wait(arguments)
        to_gradients.append(middle - start)
        whole.append(time.perf_counter() - start)
        worked.append(time.process_time() - before)
    times = {"gradients": to_gradients, "step": whole, "cpu": worked}
    return {name: seconds[WARM_UP:] for name, seconds in times.items()}


def wait(arguments):
    if arguments.device == "cuda":
        torch.cuda.synchronize()


def peak_bytes():
    """The most memory that this process has held on the host, where the system tells (Linux)."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


if __name__ == "__main__":
    main()
