"""Muon for matrices, as the trainer takes it from Burn.

Source: Keller Jordan, Muon: an optimizer for hidden layers (2024); the size of a step is that of AdamW's, as in Liu et al.,
Muon is scalable for LLM training (2025).
"""

import torch

COEFFICIENTS = (3.4445, -4.775, 2.0315)
ITERATIONS = 5
MOMENTUM = 0.95


def orthogonal(matrix):
    """A matrix with the directions of this one, all about equally long, by Newton-Schulz iteration."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp_min(1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum with a look ahead, made orthogonal; decay of the weights beside it."""

    def __init__(self, weights, lr, weight_decay):
        super().__init__(weights, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                velocity = self.state[weight].get("velocity")
                velocity = weight.grad.clone() if velocity is None else MOMENTUM * velocity + weight.grad
                self.state[weight]["velocity"] = velocity
                step = orthogonal(weight.grad + MOMENTUM * velocity)
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.sub_(step, alpha=group["lr"] * 0.2 * max(weight.shape) ** 0.5)
