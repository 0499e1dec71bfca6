"""LeanVAE, with the reference's tensor names. Source: spec/leanvae.md 1 to 6."""

import torch
import torch.nn.functional as F
from torch import nn

from wavelets import haar2d, haar3d

RGB = 3
SIDE = 4
SCALE = 0.5  # clips are -1..1 outside and -0.5..0.5 inside


class Depthwise(nn.Module):
    """A causal 3x3x3 convolution of every channel for itself, on tokens [B, T, H, W, C]."""

    def __init__(self, width):
        super().__init__()
        self.ds_conv = nn.Conv3d(width, width, 3, groups=width)

    def forward(self, x):
        x = F.pad(x.movedim(-1, 1), (1, 1, 1, 1, 2, 0))
        return self.ds_conv(x).movedim(1, -1)


class Gate(nn.Module):
    def forward(self, x):
        value, gate = x.chunk(2, -1)
        return value * F.gelu(gate)


def feed_forward(width):
    hidden = 8 * width // 3
    return nn.Sequential(
        nn.LayerNorm(width, eps=1e-5),
        nn.Linear(width, 2 * hidden, bias=False),
        Gate(),
        nn.Identity(),
        nn.Linear(hidden, width, bias=False),
    )


class Naf(nn.Module):
    """Layers of a depthwise convolution and a feed-forward layer."""

    def __init__(self, width, layers, residual):
        super().__init__()
        self.dconv_layer = nn.ModuleList(Depthwise(width) for _ in range(layers))
        self.ffd_layer = nn.ModuleList(feed_forward(width) for _ in range(layers))
        self.residual = residual

    def forward(self, x):
        for conv, ffd in zip(self.dconv_layer, self.ffd_layer):
            if self.residual:
                x = x + conv(x)
                x = x + ffd(x)
            else:
                x = ffd(conv(x))
        return x


class Patches(nn.Module):
    """Coefficients [B, C, T, H, W] to patches [B, T/depth, H/4, W/4, C * depth * 16]."""

    def __init__(self, depth):
        super().__init__()
        self.depth = depth

    def forward(self, x):
        b, c, t, h, w = x.shape
        x = x.reshape(b, c, t // self.depth, self.depth, h // SIDE, SIDE, w // SIDE, SIDE)
        return x.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4)


class Unpatches(Patches):
    """The inverse."""

    def forward(self, x):
        b, t, h, w, _ = x.shape
        x = x.reshape(b, t, h, w, -1, self.depth, SIDE, SIDE)
        x = x.permute(0, 4, 1, 5, 2, 6, 3, 7)
        return x.reshape(b, -1, t * self.depth, h * SIDE, w * SIDE)


def numbers(bands, depth):
    return RGB * bands * depth * SIDE * SIDE


class Encoder(nn.Module):
    def __init__(self, low, high, sep, fusion):
        super().__init__()
        project = lambda bands, depth, width: nn.Sequential(  # noqa: E731
            Patches(depth), nn.Linear(numbers(bands, depth), width)
        )
        self.image_low_proj, self.image_high_proj = project(1, 1, low), project(3, 1, high)
        self.video_low_proj, self.video_high_proj = project(1, 2, low), project(7, 2, high)
        self.low_layer, self.high_layer = Naf(low, sep, True), Naf(high, sep, True)
        self.fusion_layer = Naf(low + high, fusion, True)

    def forward(self, image, video):
        lows, highs = [self.image_low_proj(image[:, :RGB])], [self.image_high_proj(image[:, RGB:])]
        if video is not None:
            lows.append(self.video_low_proj(video[:, :RGB]))
            highs.append(self.video_high_proj(video[:, RGB:]))
        low, high = self.low_layer(torch.cat(lows, 1)), self.high_layer(torch.cat(highs, 1))
        return self.fusion_layer(torch.cat([low, high], -1))


class Decoder(nn.Module):
    def __init__(self, low, high, sep, fusion):
        super().__init__()
        project = lambda bands, depth, width: nn.Sequential(  # noqa: E731
            nn.Linear(width, numbers(bands, depth)), Unpatches(depth)
        )
        self.image_low_proj, self.image_high_proj = project(1, 1, low), project(3, 1, high)
        self.video_low_proj, self.video_high_proj = project(1, 2, low), project(7, 2, high)
        self.low_layer, self.high_layer = Naf(low, sep, True), Naf(high, sep, True)
        self.fusion_layer = Naf(low + high, fusion, True)
        self.widths = [low, high]

    def forward(self, tokens):
        low, high = self.fusion_layer(tokens).split(self.widths, -1)
        low, high = self.low_layer(low), self.high_layer(high)
        image = [self.image_low_proj(low[:, :1]), self.image_high_proj(high[:, :1])]
        if tokens.shape[1] == 1:
            return torch.cat(image, 1), None
        video = [self.video_low_proj(low[:, 1:]), self.video_high_proj(high[:, 1:])]
        return torch.cat(image, 1), torch.cat(video, 1)


class Bottleneck(nn.Module):
    """A projection to the latent and an unrolled solver back."""

    def __init__(self, channels, width, steps, layers):
        super().__init__()
        self.phi = nn.Parameter(torch.randn(channels, width) * width**-0.5)
        self.Q = nn.Parameter(self.phi.detach().clone().T.contiguous())
        self.weights = nn.ParameterList(torch.tensor(1.0) for _ in range(steps))
        self.threshold = nn.ParameterList(torch.tensor([0.01]) for _ in range(steps))
        self.forward_l = nn.ModuleList(Naf(width, layers, False) for _ in range(steps))
        self.backward_l = nn.ModuleList(Naf(width, layers, False) for _ in range(steps))

    def project(self, tokens):
        return F.linear(tokens, self.phi)

    def recover(self, z):
        p = F.linear(z, self.Q)
        steps = zip(self.weights, self.threshold, self.forward_l, self.backward_l)
        for weight, threshold, forward, backward in steps:
            r = p - weight * F.linear(self.project(p) - z, self.phi.T)
            u = forward(r)
            u = torch.sign(u) * F.relu(u.abs() - threshold)
            p = r + backward(u)
        return p


class LeanVae(nn.Module):
    """Clips in -1..1 to the moments of the latent, and back."""

    DEFAULTS = {
        "latent_dim": 4,
        "l_dim": 128,
        "h_dim": 384,
        "sep_num_layer": 2,
        "fusion_num_layer": 4,
        "ista_iter_num": 2,
        "ista_layer_num": 2,
    }

    def __init__(self, config):
        super().__init__()
        config = {**self.DEFAULTS, **config}
        low, high, channels = config["l_dim"], config["h_dim"], config["latent_dim"]
        layers = config["sep_num_layer"], config["fusion_num_layer"]
        steps = config["ista_iter_num"], config["ista_layer_num"]
        self.encoder, self.decoder = Encoder(low, high, *layers), Decoder(low, high, *layers)
        self.latent_bottleneck = Bottleneck(channels, low + high, *steps)
        self.std_layer = nn.Linear(low + high, channels)
        # Coefficients are sums of pixels with signs; the inverse divides by their number.
        self.image, self.video = haar2d(1.0), haar3d(1.0)

    def encode(self, x):
        """Mean and log-variance; LeanVAE has no WL loss."""
        x = x * SCALE
        frames = (x.shape[2] - 1) // 4 * 4
        video = self.video(x[:, :, 1 : 1 + frames]) if frames else None
        tokens = self.encoder(self.image(x[:, :, :1]), video)
        mean, logvar = self.latent_bottleneck.project(tokens), self.std_layer(tokens)
        return mean.movedim(-1, 1), logvar.movedim(-1, 1), None

    def decode(self, z):
        image, video = self.decoder(self.latent_bottleneck.recover(z.movedim(1, -1)))
        clip = self.image.inverse(image) / 4
        if video is not None:
            clip = torch.cat([clip, self.video.inverse(video) / 8], 2)
        return clip / SCALE, None
