"""One training step: the trainer's losses, clipping, optimisers and running average.

Source: spec/wfvae.md 9 and 10.
"""

import torch

from muon import Muon


def losses(weights, clip, sample, moments, wavelets):
    """The sum that is minimised and its terms, as means or as the references' sums."""
    mean, logvar = moments
    by_sum = weights.get("reduction") == "reference"
    frames, clips = clip.shape[0] * clip.shape[2], clip.shape[0]
    reduce = lambda x, count: x.sum() / count if by_sum else x.mean()  # noqa: E731
    difference = sample - clip
    terms = {"l1": reduce(difference.abs(), frames)}
    if weights.get("l2"):
        terms["l2"] = reduce(difference.square(), frames)
    terms["kl"] = 0.5 * reduce(mean.square() + logvar.exp() - 1 - logvar, clips)
    if wavelets is not None:
        levels = zip(*wavelets)
        terms["wavelet"] = sum(reduce((ours - theirs).abs(), clips) for ours, theirs in levels)
    terms["loss"] = sum(weights[name] * term for name, term in terms.items())
    return terms


class Training:
    """A model in training."""

    def __init__(self, model, loss, optimiser):
        self.model, self.loss, self.own = model, loss, optimiser
        self.weights = list(model.parameters())
        by_muon = optimiser.get("matrices") == "muon"
        matrices = [weight for weight in self.weights if by_muon and weight.dim() == 2]
        others = [weight for weight in self.weights if not (by_muon and weight.dim() == 2)]
        rate, decay = optimiser["lr"], optimiser["weight_decay"]
        betas, epsilon = tuple(optimiser["betas"]), optimiser["epsilon"]
        self.optimisers = [torch.optim.AdamW(others, lr=rate, betas=betas, eps=epsilon, weight_decay=decay)]
        if matrices:
            self.optimisers.append(Muon(matrices, rate, decay))
        self.average = [weight.detach().clone() for weight in self.weights]

    def gradients(self, clip, noise=None):
        """Losses, and the gradients' norm before clipping."""
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        mean, logvar, encoded = self.model.encode(clip)
        noise = torch.randn_like(mean) if noise is None else noise
        latent = mean + torch.exp(logvar / 2) * noise
        sample, decoded = self.model.decode(self.model.compress(latent))
        wavelets = None if encoded is None else (encoded, decoded)
        numbers = losses(self.loss, clip, sample, (mean, logvar), wavelets)
        numbers["loss"].backward()
        norm = torch.nn.utils.clip_grad_norm_(self.weights, self.own["clip_norm"])
        return {**numbers, "gradient_norm": norm}

    def update(self, rate=None):
        """New weights from the gradients, and their running average."""
        for optimiser in self.optimisers:
            if rate is not None:
                optimiser.param_groups[0]["lr"] = rate
            optimiser.step()
        with torch.no_grad():
            for average, weight in zip(self.average, self.weights):
                average.lerp_(weight, 1 - self.own["ema_decay"])
