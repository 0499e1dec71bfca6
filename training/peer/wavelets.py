"""Haar transforms, and the latent's Multi-WT with its mask, on tensors [B, C, T, H, W].

Source: spec/wfvae.md 2, spec/lcvae.md 2.4, 3 and 4. Results are band-major: channel band * C + c.
"""

import torch
import torch.nn.functional as F
from torch import nn

EXACT = {"three": 0.5 * 0.5**0.5, "one": 0.5**0.5}
REFERENCE = {"three": 0.3536, "one": 0.7071}
TAPS = {"exact": EXACT, "reference": REFERENCE}

# Kept blocks of the masks that are made of whole temporal paths; block = 4 s3 + 2 s2 + s1.
MASKS = {
    "none": range(8),
    "paper25": (0, 1),
    "paper50": (0, 1, 2, 4),
    "paper75": (0, 1, 2, 3, 4, 5),
    "lowpass25": (0, 4),
    "lowpass50": (0, 4, 6, 2),
    "lowpass75": (0, 4, 6, 2, 3, 7),
}
SOFT50 = {
    8: (32, 30, 30, 2, 30, 2, 2, 0),
    16: (64, 60, 60, 4, 60, 4, 4, 0),
    32: (124, 124, 124, 4, 124, 4, 4, 4),
}


def signs(*axes):
    """A filter of +1 and -1 for every band over these of the axes 0, 1, 2 (time, height, width).

    Low comes before high, and the last axis named changes fastest.
    """
    filters = torch.ones(1, 1, 1, 1)
    for axis in axes:
        shape = [1, 1, 1]
        shape[axis] = 2
        low, high = torch.ones(shape), torch.tensor([1.0, -1.0]).reshape(shape)
        filters = torch.stack([filters * low, filters * high], 1).flatten(0, 1)
    return filters


class Haar(nn.Module):
    """A bank of filters without overlap, each channel for itself, and its transpose."""

    def __init__(self, filters):
        super().__init__()
        self.register_buffer("filters", filters.unsqueeze(1), persistent=False)
        self.step = tuple(filters.shape[1:])

    def forward(self, x):
        batch, channels = x.shape[:2]
        x = F.conv3d(x.flatten(0, 1).unsqueeze(1), self.filters, stride=self.step)
        x = x.unflatten(0, (batch, channels)).transpose(1, 2)
        return x.flatten(1, 2)

    def inverse(self, x):
        batch, bands = x.shape[0], self.filters.shape[0]
        x = x.unflatten(1, (bands, -1)).transpose(1, 2).flatten(0, 1)
        x = F.conv_transpose3d(x, self.filters, stride=self.step)
        return x.unflatten(0, (batch, -1)).squeeze(2)


def haar3d(tap):
    """Frames, rows and columns; width-high comes before height-high."""
    return Haar(tap * signs(0, 1, 2))


def haar2d(tap=0.5):
    """Rows and columns; height-high comes before width-high."""
    return Haar(tap * signs(2, 1))


def haar_time(tap):
    """Pairs of frames."""
    return Haar(tap * signs(0))


def first_twice(x):
    """The clip with its first frame doubled."""
    return torch.cat([x[:, :, :1], x], 2)


def evened(x):
    """The clip, with its first frame doubled if their number is odd."""
    return first_twice(x) if x.shape[2] % 2 else x


class MultiWT(nn.Module):
    """A 3-D Haar step and two temporal ones; a mask on the 32 C coefficient channels."""

    def __init__(self, channels, mask, constants):
        super().__init__()
        taps = TAPS[constants]
        self.space_time = haar3d(taps["three"])
        self.time = haar_time(taps["one"])
        kept = kept_channels(mask, channels)
        self.keeps_everything = bool(kept.all())
        self.register_buffer("kept", kept.reshape(1, -1, 1, 1, 1), persistent=False)

    def forward(self, x):
        """The latent from the kept coefficients; where frames had to be added they stay in front."""
        x = self.time(evened(self.time(evened(self.space_time(evened(x))))))
        x = self.time.inverse(self.time.inverse(x * self.kept))
        return self.space_time.inverse(x)


def kept_channels(mask, channels):
    """1 for every coefficient channel that the mask keeps, else 0."""
    kept = torch.zeros(32 * channels)
    block = 4 * channels
    if mask == "soft50":
        for q, count in enumerate(SOFT50[channels]):
            kept[q * block : q * block + count] = 1
    elif isinstance(mask, dict) and "groups" in mask:
        for group in mask["groups"]:
            kept[group * channels : (group + 1) * channels] = 1
    elif isinstance(mask, dict):
        kept[mask["channels"]] = 1
    else:
        for q in MASKS[mask]:
            kept[q * block : (q + 1) * block] = 1
    return kept
