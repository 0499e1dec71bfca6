"""A model from its config and its weight file, as the trainer reads them."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from leanvae import LeanVae
from wavelets import MultiWT
from wfvae import WfVae

# Constants that the references keep among their weights; they are made anew here.
CONSTANTS = ("wavelet_transform", "temporal_processor")
CLASSES = {
    # Class: causal, mask and Haar constants where the config is silent.
    "WFVAEModel": (True, "none", "reference"),
    "WVAE_Compressed_TopK_multi_wavelet": (False, "paper50", "exact"),
    "LeanVAE": (True, "none", "exact"),
}


class Autoencoder(nn.Module):
    """A backbone with latent compression between its halves."""

    def __init__(self, config):
        super().__init__()
        name = config["_class_name"]
        if name not in CLASSES:
            raise ValueError(f"the class {name} is not known here")
        self.causal, mask, constants = CLASSES[name]
        config = {"mask": mask, "constants": constants, **config}
        if config.get("compressed", "all-but-first") not in ("all", "all-but-first"):
            raise ValueError(f"\"compressed\": {config['compressed']} is not known here")
        self.net = LeanVae(config) if name == "LeanVAE" else WfVae(config, self.causal)
        channels = {**self.net.DEFAULTS, **config}["latent_dim"]
        self.packet = MultiWT(channels, config["mask"], config["constants"])

    def encode(self, clip):
        """Mean, log-variance (clamped) and wavelet coefficients, or None."""
        mean, logvar, wavelets = self.net.encode(clip)
        # The symmetric model is trained without the WL loss.
        return mean, logvar.clamp(-30.0, 20.0), wavelets if self.causal else None

    def decode(self, latent):
        """The clip and wavelet coefficients, or None."""
        return self.net.decode(latent)

    def compress(self, latent):
        """What the decoder is given. A causal model's first frame stands apart."""
        if self.packet.keeps_everything:
            return latent
        if not self.causal:
            return self.packet(latent)
        count = latent.shape[2] - 1
        if count == 0:
            return latent
        return torch.cat([latent[:, :, :1], self.packet(latent[:, :, 1:])[:, :, -count:]], 2)

    def load(self, file):
        """Takes over a weight file; every tensor must be there and fit."""
        weights = load_file(file)
        weights = {k: v.float() for k, v in weights.items() if not any(c in k for c in CONSTANTS)}
        self.net.load_state_dict(weights)


def read_model(folder):
    """The model of a folder with config.json and model.safetensors."""
    folder = Path(folder)
    model = Autoencoder(json.loads((folder / "config.json").read_text()))
    model.load(folder / "model.safetensors")
    return model
