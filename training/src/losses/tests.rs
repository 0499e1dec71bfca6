//! The losses against the references' own.

use burn::tensor::{Device, Distribution, Tensor};
use e2e::vectors::{Vectors, values};
use perceptual::{Backbone, Network, PerceptualDistance, TensorMap};
use vae::{Autoencoder, Encoding, ModelConfig, Posterior, Wavelets};
use wavelet::{Constants, MaskChoice};

use super::{Kept, Loss, Pair, PerceptualLoss, latent, reconstruction};
use crate::config::{BandsConfig, Config, LossConfig, PerceptualConfig, Reduction};

/// A loss of nothing but a KL term.
fn config() -> LossConfig {
    LossConfig {
        l1: 0.0,
        ..Config::preset("tiny").unwrap().loss
    }
}

/// The references' narrow VGG with its heads.
pub(crate) fn tiny_lpips() -> PerceptualLoss {
    let vectors = Vectors::open("perceptual/lpips_tiny");
    let mut map = TensorMap::default();
    for name in vectors.names() {
        if let Some(key) = name.strip_prefix("param.") {
            let (shape, values) = vectors.raw(&name);
            map.insert(key, shape, values);
        }
    }
    let device = Device::flex().autodiff();
    let backbone = Backbone::new(Network::Vgg16, &map, &device).unwrap();
    let distance = PerceptualDistance::with_heads(backbone, &map, "", &device).unwrap();
    let text = "weight = 1.0\nbackbone = \"vgg16\"";
    let config: PerceptualConfig = toml::from_str(text).unwrap();
    PerceptualLoss::new(&config, distance)
}

fn close(what: &str, found: f64, expected: f32) {
    let expected = f64::from(expected);
    let off = (found - expected).abs() / expected.abs();
    assert!(off <= 1e-5, "{what}: {found} for {expected}");
}

fn number(tensor: Tensor<1>) -> f64 {
    f64::from(values(tensor)[0])
}

fn term(loss: &Loss, name: &str) -> f64 {
    let found = loss.terms.iter().find(|(known, _)| *known == name);
    number(found.unwrap().1.clone())
}

#[test]
fn the_reconstructions_are_the_references() {
    let vectors = Vectors::open("wfvae/losses");
    let lpips = tiny_lpips();
    let pair = Pair {
        clip: vectors.tensor("input"),
        sample: vectors.tensor("recon"),
    };
    for (kind, l1, l2) in [("l1", 1.0, 0.0), ("l2", 0.0, 1.0)] {
        for logvar in ["0.0", "0.7"] {
            for perceptual in ["0.0", "1.0"] {
                let config = LossConfig {
                    l1,
                    l2,
                    logvar: logvar.parse().unwrap(),
                    reduction: Reduction::Reference,
                    ..config()
                };
                let network = (perceptual == "1.0").then_some(&lpips);
                let found = number(reconstruction(&config, network, &pair, 0).total);
                let name = format!("nll.{kind}.logvar{logvar}.pw{perceptual}");
                close(&name, found, vectors.raw(&name).1[0]);
            }
        }
    }
    let frames = vectors.raw("lpips_per_frame").1;
    let mean = frames.iter().sum::<f32>() / frames.len() as f32;
    close("LPIPS", number(lpips.between(&pair, 0)), mean);
}

fn wavelets(vectors: &Vectors, level1: &str, level2: &str) -> Wavelets {
    Wavelets {
        level1: vectors.tensor(level1),
        level2: vectors.tensor(level2),
    }
}

#[test]
fn the_latents_terms_are_the_references() {
    let vectors = Vectors::open("wfvae/losses");
    // Whose pair is whose does not matter; wl0 and wl1, wl2 and wl3 are compared.
    let encoding = Encoding {
        posterior: Posterior::from_moments(vectors.tensor("parameters")),
        wavelets: Some(wavelets(&vectors, "wl0", "wl2")),
    };
    let decoded = wavelets(&vectors, "wl1", "wl3");
    let config = LossConfig {
        kl: 1e-6,
        wavelet: 0.1,
        reduction: Reduction::Reference,
        ..config()
    };
    let loss = latent(&config, &encoding, Some(&decoded), None);
    let [kl, wl] = ["kl", "wl"].map(|name| vectors.raw(name).1[0]);
    close("kl", term(&loss, "kl"), kl);
    close("wl", term(&loss, "wavelet"), wl);
    close("total", number(loss.total), 1e-6 * kl + 0.1 * wl);
}

/// Its range of values is half of ours, so are its coefficients.
#[test]
fn leanvaes_terms_are_the_references() {
    let vectors = Vectors::open("leanvae/trainfwd_T5");
    let text = r#"{"_class_name": "LeanVAE", "latent_dim": 4, "l_dim": 8, "h_dim": 24}"#;
    let model = ModelConfig::from_json(text).unwrap();
    let weights = Vectors::open("leanvae/tiny_weights");
    let model = Autoencoder::load(&model, weights.bytes(), &Device::flex()).unwrap();
    let clip = vectors.tensor::<5>("x") * 2.0;
    let encoding = model.encode(clip.clone());
    let noise = vectors.tensor::<5>("eps_btHWd").permute([0, 4, 1, 2, 3]);
    let sample = model.decode(encoding.posterior.sample(noise)).sample;
    let config = LossConfig {
        l1: 1.0,
        bands: Some(BandsConfig {
            low: 1.0,
            high: 1.0,
        }),
        ..config()
    };
    let loss = reconstruction(&config, None, &Pair { clip, sample }, 0);
    // What it multiplies each by; in our range of values half as much gives the same.
    for (ours, weight, name) in [
        ("l1", 4.0, "recon_loss"),
        ("low_bands", 4.0 * 0.05, "recon_loss_low"),
        ("high_bands", 4.0 * 0.1, "recon_loss_high"),
    ] {
        close(
            name,
            0.5 * weight * term(&loss, ours),
            vectors.raw(name).1[0],
        );
    }
    let config = LossConfig {
        reduction: Reduction::Reference,
        ..config
    };
    let kl = term(&latent(&config, &encoding, None, None), "kl");
    close("kl", kl, vectors.raw("kl_loss_unweighted").1[0]);
}

/// Where the variance does not change within a cell, an orthonormal transform changes nothing.
#[test]
fn the_divergence_of_kept_coefficients() {
    let device = Device::flex();
    let mean = Tensor::random([2, 2, 9, 4, 4], Distribution::Default, &device);
    let posterior = Posterior::new(mean, Tensor::full([2, 2, 9, 4, 4], -1.5, &device));
    let whole = number(posterior.kl().mean());
    let encoding = Encoding {
        posterior,
        wavelets: None,
    };
    let config = LossConfig {
        reduction: Reduction::Reference,
        ..config()
    };
    for (frames, apart) in [(1..9, 0..1), (0..8, 8..9)] {
        let of = |mask: MaskChoice| {
            let kept = Kept {
                mask: &mask.build(2).unwrap(),
                constants: Constants::Exact,
                frames: frames.clone(),
            };
            term(&latent(&config, &encoding, None, Some(&kept)), "kl")
        };
        close("everything", of(MaskChoice::None), whole as f32);
        let paths = [MaskChoice::Lowpass50, MaskChoice::Groups((0..32).collect())];
        let [half, all] = paths.map(of);
        assert!(half < 0.75 * all, "{half} of {all}");
        let part = |x: &Tensor<5>| x.clone().narrow(2, apart.start, 1);
        let [mean, logvar] = [&encoding.posterior.mean, &encoding.posterior.logvar].map(part);
        let alone = number(Posterior::new(mean, logvar).kl().mean());
        let empty = of(MaskChoice::Groups(vec![]));
        close("the frame that stands apart", empty, alone as f32);
    }
}
