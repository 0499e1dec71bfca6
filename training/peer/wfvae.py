"""WF-VAE 4x8x8 (causal) and LC-VAE's symmetric form of it, with the references' tensor names.

Source: spec/wfvae.md 3 to 6, spec/lcvae.md 2.
"""

import torch
import torch.nn.functional as F
from torch import nn

from wavelets import TAPS, evened, first_twice, haar2d, haar3d

RGB = 3


def per_frame(layer, x):
    """A 2-D layer on every frame of a clip."""
    batch = x.shape[0]
    x = layer(x.transpose(1, 2).flatten(0, 1))
    return x.unflatten(0, (batch, -1)).transpose(1, 2)


class LayerNorm(nn.Module):
    """Over the channels of every position."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps=1e-6)

    def forward(self, x):
        return self.norm(x.movedim(1, -1)).movedim(-1, 1)


class FrameGroupNorm(nn.GroupNorm):
    """Group normalisation of every frame for itself."""

    def forward(self, x):
        return per_frame(super().forward, x)


class Conv2d(nn.Conv2d):
    """On every frame; without stride the size stays."""

    def __init__(self, inputs, outputs, kernel=3, stride=1):
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, padding)

    def forward(self, x):
        return per_frame(super().forward, x)


class Conv3d(nn.Module):
    """Causal, with the first frame repeated in front, or symmetric, with a zero at either end."""

    def __init__(self, causal, inputs, outputs, kernel=3, stride=1):
        super().__init__()
        space = kernel // 2 if stride == 1 else 0
        time = 0 if causal else kernel // 2
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, (time, space, space))
        self.front = kernel - 1 if causal else 0

    def forward(self, x):
        if self.front:
            x = torch.cat([x[:, :, :1].expand(-1, -1, self.front, -1, -1), x], 2)
        return self.conv(x)


class Resnet(nn.Module):
    """Two convolutions behind normalisations, added to the input."""

    def __init__(self, inputs, outputs, conv, norm):
        super().__init__()
        self.norm1, self.conv1 = norm(inputs), conv(inputs, outputs, 3)
        self.norm2, self.conv2 = norm(outputs), conv(outputs, outputs, 3)
        self.nin_shortcut = conv(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return self.nin_shortcut(x) + h


class Attention(nn.Module):
    """Every position of a frame attends to all of that frame; one head."""

    def __init__(self, channels, conv, norm):
        super().__init__()
        self.norm = norm(channels)
        self.q, self.k, self.v, self.proj_out = (conv(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        batch, channels, frames, height, width = x.shape
        h = self.norm(x)
        q, k, v = (
            part(h).permute(0, 2, 3, 4, 1).reshape(batch * frames, height * width, channels)
            for part in (self.q, self.k, self.v)
        )
        h = F.scaled_dot_product_attention(q, k, v)
        h = h.reshape(batch, frames, height, width, channels).permute(0, 4, 1, 2, 3)
        return x + self.proj_out(h)


class Down(nn.Module):
    """Halves rows and columns, with a 3-D convolution frames as well."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x):
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Up2d(nn.Module):
    """Doubles rows and columns by repetition."""

    def __init__(self, channels):
        super().__init__()
        self.conv = Conv2d(channels, channels)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=(1, 2, 2), mode="nearest"))


class Up3d(nn.Module):
    """Doubles frames, rows and columns."""

    def __init__(self, causal, channels, interpolation):
        super().__init__()
        self.conv = Conv3d(causal, channels, channels)
        self.causal, self.interpolation = causal, interpolation

    def forward(self, x):
        frames = x.shape[2]
        if not self.causal and frames % 2 == 0:
            x = self.double_frames(x)
        elif frames > 1:
            x = torch.cat([x[:, :, :1], self.double_frames(x[:, :, 1:])], 2)
        return self.conv(F.interpolate(x, scale_factor=(1, 2, 2), mode="trilinear"))

    def double_frames(self, x):
        return F.interpolate(x, scale_factor=(2, 1, 1), mode=self.interpolation)


class Layers:
    """What both halves are made of, as the config says."""

    def __init__(self, config, causal):
        self.config, self.causal = config, causal

    def conv(self, inputs, outputs, kernel=3, stride=1):
        return Conv3d(self.causal, inputs, outputs, kernel, stride)

    def norm(self, channels, group=nn.GroupNorm):
        if self.config["norm_type"] == "layernorm":
            return LayerNorm(channels)
        return group(32, channels, eps=1e-6)

    def block(self, inputs, outputs):
        return Resnet(inputs, outputs, self.conv, self.norm)

    def block2d(self, channels):
        return Resnet(channels, channels, Conv2d, lambda c: self.norm(c, FrameGroupNorm))

    def up(self, channels):
        return Up3d(self.causal, channels, self.config["t_interpolation"])

    def middle(self, inputs, width, outputs):
        attends = self.config["use_attention"]
        attention = [Attention(width, self.conv, self.norm)] if attends else []
        return nn.Sequential(self.block(inputs, width), *attention, self.block(width, outputs))


class Encoder(nn.Module):
    """Three levels of wavelet coefficients to moments."""

    def __init__(self, layers):
        super().__init__()
        config = layers.config
        base, flow = config["base_channels"], config["encoder_energy_flow_hidden_size"]
        blocks = range(config["encoder_num_resblocks"])
        self.down1 = nn.Sequential(
            Conv2d(8 * RGB, base),
            *(layers.block2d(base) for _ in blocks),
            Down(Conv2d(base, base, 3, 2)),
        )
        self.down2 = nn.Sequential(
            Conv2d(base + flow, 2 * base),
            *(layers.block(2 * base, 2 * base) for _ in blocks),
            Down(layers.conv(2 * base, 2 * base, 3, 2)),
        )
        self.connect_l1, self.connect_l2 = Conv2d(4 * RGB, flow), Conv2d(8 * RGB, flow)
        self.mid = layers.middle(2 * base + flow, 4 * base, 4 * base)
        self.norm_out = layers.norm(4 * base)
        self.conv_out = layers.conv(4 * base, 2 * config["latent_dim"])

    def forward(self, w1, w2, w3):
        h = torch.cat([self.down1(w1), self.connect_l1(w2)], 1)
        h = torch.cat([self.down2(h), self.connect_l2(w3)], 1)
        return self.conv_out(F.silu(self.norm_out(self.mid(h))))


class Decoder(nn.Module):
    """Latent to the coefficients of the finest level, through those of the others."""

    def __init__(self, layers):
        super().__init__()
        config = layers.config
        base, flow = config["base_channels"], config["decoder_energy_flow_hidden_size"]
        blocks, top = range(config["decoder_num_resblocks"]), 4 * base
        outflow = lambda bands: nn.Sequential(  # noqa: E731
            *(layers.block(flow, flow) for _ in range(config["connect_res_layer_num"])),
            Conv2d(flow, bands * RGB),
        )
        self.conv_in = layers.conv(config["latent_dim"], top)
        self.mid = layers.middle(top, top, top + flow)
        self.connect_l2, self.connect_l1 = outflow(8), outflow(4)
        self.up2 = nn.Sequential(
            *(layers.block(top, top) for _ in blocks),
            layers.up(top),
            layers.block(top, top + flow),
        )
        self.up1 = nn.Sequential(
            *(layers.block(2 * base if i else top, 2 * base) for i in blocks),
            Up2d(2 * base),
            layers.block(2 * base, 2 * base),
        )
        self.layer = nn.Sequential(layers.block(2 * base, base), layers.block(base, base))
        self.norm_out = layers.norm(base)
        self.conv_out = Conv2d(base, 8 * RGB)
        self.widths = [top, flow]

    def forward(self, z, inverse3, inverse2):
        h, flow = self.mid(self.conv_in(z)).split(self.widths, 1)
        w3 = self.connect_l2(flow)
        h, flow = self.up2(h).split(self.widths, 1)
        w2 = add_to_low(self.connect_l1(flow), inverse3(w3))
        h = self.norm_out(self.layer(self.up1(h)))
        w1 = add_to_low(self.conv_out(F.silu(h)), inverse2(w2))
        return inverse3(w1), (w2, w3)


def add_to_low(coefficients, low):
    return torch.cat([coefficients[:, :RGB] + low, coefficients[:, RGB:]], 1)


class WfVae(nn.Module):
    """Clips in -1..1 to the moments of the latent, and back."""

    DEFAULTS = {
        "latent_dim": 8,
        "base_channels": 128,
        "encoder_num_resblocks": 2,
        "decoder_num_resblocks": 2,
        "encoder_energy_flow_hidden_size": 64,
        "decoder_energy_flow_hidden_size": 128,
        "connect_res_layer_num": 1,
        "attention_type": "AttnBlock3DFix",
        "use_attention": True,
        "norm_type": "groupnorm",
        "t_interpolation": "nearest",
        "l1_dowmsample_block": "Downsample",
    }
    ONLY = {"attention_type": "AttnBlock3DFix", "l1_dowmsample_block": "Downsample"}

    def __init__(self, config, causal):
        super().__init__()
        config = {**self.DEFAULTS, **config}
        for field, known in self.ONLY.items():
            if config[field] != known:
                raise ValueError(f"{field} = {config[field]} is not known here, only {known}")
        layers = Layers(config, causal)
        self.causal = causal
        self.space_time, self.space = haar3d(TAPS[config["constants"]]["three"]), haar2d()
        self.encoder, self.decoder = Encoder(layers), Decoder(layers)

    def haar(self, x):
        return self.space_time(first_twice(x) if self.causal else evened(x))

    def inverse_haar(self, x):
        x = self.space_time.inverse(x)
        return x[:, :, 1:] if self.causal else x

    def encode(self, x):
        """Mean, log-variance, and the wavelet coefficients that the WL loss compares."""
        w1 = self.haar(x)
        w2 = self.space(w1[:, :RGB])
        w3 = self.haar(w2[:, :RGB])
        mean, logvar = self.encoder(w1, w2, w3).chunk(2, 1)
        return mean, logvar, (w2, w3)

    def decode(self, z):
        """The clip and its side of the WL loss."""
        return self.decoder(z, self.inverse_haar, self.space.inverse)
